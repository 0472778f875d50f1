"""What shows an orchestration while it goes on; unlike reporters they hear of lanes, and none of them is a format."""
