// What the groups that use the @anthropic-ai/sdk client share: calls of /v1/messages and what the application takes from their answers.
import Anthropic from '@anthropic-ai/sdk';

export const model = 'smollm2-135m-instruct';
export const connect = (baseURL, defaultHeaders = {}) => new Anthropic({ baseURL, apiKey: 'sk-end-to-end', maxRetries: 0, timeout: 120_000, defaultHeaders });

export const outcome = async (call) => {
  try {
    return { answered: await call() };
  } catch (error) {
    return { type: error.constructor.name, status: error.status, kind: error.error?.error?.type, message: error.message, requestId: error.requestID };
  }
};

export const question = (content, more = {}) => ({
  model, temperature: 0, max_tokens: 24, system: 'You are a terse assistant. Grüße!', messages: [{ role: 'user', content }], ...more,
});

const resultOf = (message) => ({
  id: message.id,
  text: message.content.filter((block) => block.type === 'text').map((block) => block.text).join(''),
  calls: message.content.filter((block) => block.type === 'tool_use').map(({ id, name, input }) => ({ id, name, input })),
  reason: message.stop_reason,
  stopSequence: message.stop_sequence,
  usage: message.usage,
});

export const ask = async (client, body) => {
  const { data, response } = await client.messages.create(body).withResponse();
  return { ...resultOf(data), cacheStatus: response.headers.get('cache-status') };
};

export const stream = async (client, body) => {
  const { data, response } = await client.messages.create({ ...body, stream: true }).withResponse();
  const events = [];
  for await (const event of data) {
    events.push(event);
  }
  const deltas = (type) => events.filter((event) => event.delta?.type === type);
  const { delta, usage } = events.find((event) => event.type === 'message_delta');
  return {
    id: events[0].message.id,
    text: deltas('text_delta').map((event) => event.delta.text).join(''),
    calls: events.filter((event) => event.content_block?.type === 'tool_use').map(({ index, content_block: { id, name } }) => ({
      id, name, input: JSON.parse(deltas('input_json_delta').filter((event) => event.index === index).map((event) => event.delta.partial_json).join('') || '{}'),
    })),
    reason: delta.stop_reason,
    stopSequence: delta.stop_sequence,
    usage,
    types: events.map((event) => event.type).filter((type, i, all) => type !== all[i - 1]),
    pieces: deltas('text_delta').length,
    argumentPieces: deltas('input_json_delta').length,
    cacheStatus: response.headers.get('cache-status'),
  };
};
