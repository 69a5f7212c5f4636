// One conversation with a tool, streamed, in each of the two APIs that the package speaks.
import OpenAI from "openai";

const client = new OpenAI({ maxRetries: 0 });
const model = "gemini-3.8-flash";
const question = { role: "user", content: "What is the weather in Oslo and Rome?" };
const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const described = { name: "get_weather", description: "The weather of a city", parameters, strict: true };
const degrees = (call) => ({ Oslo: "3 degrees", Rome: "21 degrees" })[JSON.parse(call.arguments).city];

async function chat() {
  const messages = [question];
  const tools = [{ type: "function", function: described }];
  const ask = () => client.chat.completions.stream({ model, messages, tools });
  const first = await ask().finalMessage();
  messages.push(first);
  for (const call of first.tool_calls) {
    messages.push({ role: "tool", tool_call_id: call.id, content: degrees(call.function) });
  }
  return (await ask().finalMessage()).content;
}

async function responses() {
  const input = [question];
  const tools = [{ type: "function", ...described }];
  const ask = () => client.responses.stream({ model, input, tools, store: false });
  const first = await ask().finalResponse();
  input.push(...first.output);
  for (const call of first.output.filter((item) => item.type === "function_call")) {
    input.push({ type: "function_call_output", call_id: call.call_id, output: degrees(call) });
  }
  return (await ask().finalResponse()).output_text;
}

console.log(JSON.stringify({ chat: await chat(), responses: await responses() }));
