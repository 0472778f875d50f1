// Reads files as a JSON list of {name, content} from standard input, and prints for each the errors that GitHub's own
// parser finds in it: as an action where its name ends in action.yml, as a workflow elsewhere.

import { readFileSync } from "node:fs";
import { register } from "node:module";

register("./hooks.mjs", import.meta.url);

const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } = await import("@actions/workflow-parser");
const { parseAction } = await import("@actions/workflow-parser/actions/action-parser");
const trace = new NoOperationTraceWriter();

async function errorsOf(file) {
  if (file.name.endsWith("action.yml")) {
    return parseAction(file, trace).context.errors.getErrors();
  }
  const parsed = parseWorkflow(file, trace);
  if (parsed.value) {
    await convertWorkflowTemplate(parsed.context, parsed.value);
  }
  return parsed.context.errors.getErrors();
}

const answers = [];
for (const file of JSON.parse(readFileSync(0, "utf8"))) {
  answers.push((await errorsOf(file)).map((error) => error.message));
}
process.stdout.write(JSON.stringify(answers));
