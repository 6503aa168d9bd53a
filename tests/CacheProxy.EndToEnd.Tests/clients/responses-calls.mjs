// Calls of /v1/responses and what the application takes from their answers.
import { model } from './openai.mjs';

export const question = (input, more = {}) => ({
  model, temperature: 0, max_output_tokens: 24, instructions: 'You are a terse assistant. Grüße!', input, ...more,
});

const resultOf = (data) => ({
  id: data.id,
  text: data.output_text,
  calls: data.output.filter((item) => item.type === 'function_call').map((item) => ({ id: item.call_id, name: item.name, arguments: item.arguments })),
  status: data.status,
  reason: data.incomplete_details?.reason ?? null,
  store: data.store,
  metadata: data.metadata,
  usage: data.usage,
});

export const ask = async (client, body) => {
  const { data, response } = await client.responses.create(body).withResponse();
  return { ...resultOf(data), cacheStatus: response.headers.get('cache-status') };
};

export const stream = async (client, body) => {
  const { data, response } = await client.responses.create({ ...body, stream: true }).withResponse();
  const events = [];
  for await (const event of data) {
    events.push(event);
  }
  const deltas = (type) => events.filter((event) => event.type === type);
  const last = events.at(-1);
  const items = last.response.output;
  return {
    ...resultOf({ ...last.response, output_text: items.filter((item) => item.type === 'message').flatMap((item) => item.content).map((part) => part.text).join('') }),
    types: events.map((event) => event.type).filter((type, i, all) => type !== all[i - 1]),
    numbered: events.every((event, i) => event.sequence_number === i),
    joined: deltas('response.output_text.delta').map((event) => event.delta).join(''),
    pieces: deltas('response.output_text.delta').length,
    argumentPieces: deltas('response.function_call_arguments.delta').length,
    cacheStatus: response.headers.get('cache-status'),
  };
};
