// One conversation with a tool, streamed. The turns are kept here: the package's own chat makes
// a turn of each piece of a stream, which Google refuses once calls are among them.
import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({ httpOptions: { baseUrl: process.env.GATEWAY } });
const declaration = {
  name: "get_weather",
  description: "The weather of a city",
  parametersJsonSchema: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  },
};
const contents = [];

async function say(...parts) {
  contents.push({ role: "user", parts });
  const answer = { role: "model", parts: [] };
  const request = {
    model: "gemini-3.8-flash",
    contents,
    config: { tools: [{ functionDeclarations: [declaration] }] },
  };
  for await (const chunk of await client.models.generateContentStream(request)) {
    answer.parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
  }
  contents.push(answer);
  return answer.parts;
}

const called = await say({ text: "What is the weather in Oslo and Rome?" });
const degrees = { Oslo: "3 degrees", Rome: "21 degrees" };
const results = called.flatMap(({ functionCall: call }) =>
  call ? [{ functionResponse: { id: call.id, name: call.name, response: { output: degrees[call.args.city] } } }] : [],
);
const answered = await say(...results);
console.log(answered.map((part) => part.text ?? "").join(""));
