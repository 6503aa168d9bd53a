// Calls of /v1/chat/completions and what the application takes from their answers.
import { model } from './openai.mjs';

export const question = (content, more = {}) => ({
  model,
  temperature: 0,
  max_completion_tokens: 24,
  messages: [{ role: 'system', content: 'You are a terse assistant. Grüße!' }, { role: 'user', content }],
  ...more,
});

export const ask = async (client, body) => {
  const { data, response } = await client.chat.completions.create(body).withResponse();
  const { message, finish_reason: reason } = data.choices[0];
  return {
    id: data.id,
    text: message.content,
    calls: (message.tool_calls ?? []).map((call) => ({ id: call.id, name: call.function.name, arguments: call.function.arguments })),
    reason,
    usage: data.usage,
    cacheStatus: response.headers.get('cache-status'),
    age: response.headers.get('age'),
    prefix: response.headers.get('x-cacheproxy-prefix'),
  };
};

export const stream = async (client, body, options = { stream_options: { include_usage: true } }) => {
  const { data, response } = await client.chat.completions.create({ ...body, ...options, stream: true }).withResponse();
  const result = { id: null, text: '', calls: [], pieces: 0, argumentPieces: 0, reason: null, usage: null, cacheStatus: response.headers.get('cache-status') };
  for await (const chunk of data) {
    const choice = chunk.choices[0];
    result.id = chunk.id;
    result.usage = chunk.usage ?? result.usage;
    result.reason = choice?.finish_reason ?? result.reason;
    result.text += choice?.delta?.content ?? '';
    result.pieces += choice?.delta?.content ? 1 : 0;
    for (const delta of choice?.delta?.tool_calls ?? []) {
      const call = (result.calls[delta.index] ??= { id: delta.id, name: '', arguments: '' });
      call.name += delta.function?.name ?? '';
      call.arguments += delta.function?.arguments ?? '';
      result.argumentPieces += delta.function?.arguments ? 1 : 0;
    }
  }
  return result;
};
