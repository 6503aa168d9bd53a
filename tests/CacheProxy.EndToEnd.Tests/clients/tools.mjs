// Tool calls in every dialect that has them: demanded of a model with a tools template (ToolModel.cs), then answered.
import { connect, parameters, toolModel as model } from './openai.mjs';
import * as anthropic from './anthropic.mjs';
import * as chat from './chat-calls.mjs';
import * as responses from './responses-calls.mjs';

const names = ['get_weather', 'get_time'];
const result = 'It rains.';

export default (baseURL) => {
  const openai = connect(baseURL);
  const claude = anthropic.connect(baseURL);

  const chatBody = (content, toolChoice) => ({
    model, temperature: 0, max_completion_tokens: 120, messages: [{ role: 'user', content }],
    tools: names.map((name) => ({ type: 'function', function: { name, parameters } })), tool_choice: toolChoice, parallel_tool_calls: false,
  });
  const responsesBody = (input, toolChoice) => ({
    model, temperature: 0, max_output_tokens: 120, input,
    tools: names.map((name) => ({ type: 'function', name, parameters, strict: true })), tool_choice: toolChoice, parallel_tool_calls: false,
  });
  const messagesBody = (content, toolChoice) => ({
    model, temperature: 0, max_tokens: 120, messages: [{ role: 'user', content }],
    tools: names.map((name) => ({ name, input_schema: parameters })), tool_choice: { ...toolChoice, disable_parallel_tool_use: true },
  });

  const chatBoth = async (body) => ({ streamed: await chat.stream(openai, body, {}), whole: await chat.ask(openai, body) });
  const responsesBoth = async (body) => ({ streamed: await responses.stream(openai, body), whole: await responses.ask(openai, body) });
  const messagesBoth = async (body) => ({ streamed: await anthropic.stream(claude, body), whole: await anthropic.ask(claude, body) });

  return {
    chatNamed: () => chatBoth(chatBody('Weather in Paris?', { type: 'function', function: { name: 'get_weather' } })),
    chatRequired: () => chatBoth(chatBody('Time in Paris?', 'required')),
    chatRepeated: () => chatBoth(chatBody('Weather in Rome?', { type: 'function', function: { name: 'get_weather' } })),
    chatAnswered: async () => {
      const body = chatBody('Weather in Oslo?', { type: 'function', function: { name: 'get_weather' } });
      const { choices: [{ message }] } = await openai.chat.completions.create(body);
      const messages = [...body.messages, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: result }];
      return chat.ask(openai, { ...body, messages, tool_choice: 'none', max_completion_tokens: 8 });
    },
    responsesNamed: () => responsesBoth(responsesBody('Weather in Paris?', { type: 'function', name: 'get_weather' })),
    responsesRequired: () => responsesBoth(responsesBody('Time in Paris?', 'required')),
    responsesAnswered: async () => {
      const body = responsesBody([{ role: 'user', content: 'Weather in Oslo?' }], { type: 'function', name: 'get_weather' });
      const { output } = await openai.responses.create(body);
      const input = [...body.input, ...output, { type: 'function_call_output', call_id: output[0].call_id, output: result }];
      return responses.ask(openai, { ...body, input, tool_choice: 'none', max_output_tokens: 8 });
    },
    responsesHelper: async () => {
      const final = await openai.responses.stream(responsesBody('Weather in Bonn?', { type: 'function', name: 'get_weather' })).finalResponse();
      return { name: final.output[0].name, parsed: final.output[0].parsed_arguments };
    },
    messagesNamed: () => messagesBoth(messagesBody('Weather in Paris?', { type: 'tool', name: 'get_weather' })),
    messagesRequired: () => messagesBoth(messagesBody('Time in Paris?', { type: 'any' })),
    messagesAnswered: async () => {
      const body = messagesBody('Weather in Oslo?', { type: 'tool', name: 'get_weather' });
      const { content } = await claude.messages.create(body);
      const call = content.find((block) => block.type === 'tool_use');
      const messages = [...body.messages, { role: 'assistant', content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: result }] }];
      return anthropic.ask(claude, { ...body, messages, tool_choice: { type: 'none' }, max_tokens: 8 });
    },
    messagesHelper: async () => {
      const final = await claude.messages.stream(messagesBody('Weather in Bonn?', { type: 'tool', name: 'get_weather' })).finalMessage();
      return { name: final.content[0].name, parsed: final.content[0].input };
    },
  };
};
