"""What a run will do and how parallel it can be: pure arithmetic over jobs."""
