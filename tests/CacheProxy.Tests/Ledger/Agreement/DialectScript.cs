using CacheProxy.Exchange;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Ledger.Agreement;

/// <summary>An upstream that answers each dialect in its own shape, whole or streamed, and says what it bills: another count for each call.</summary>
internal static class DialectScript
{
    public static string PathOf(Dialect dialect) => dialect switch
    {
        Dialect.OpenAICompletions => "/v1/completions",
        Dialect.OpenAIResponses => "/v1/responses",
        Dialect.AnthropicMessages => "/v1/messages",
        _ => "/v1/chat/completions",
    };

    public static string Body(Dialect dialect, string question, bool stream, string extra) => dialect switch
    {
        Dialect.OpenAICompletions => $$"""{"model":"m","prompt":"{{question}}"{{Stream(stream)}}{{extra}}}""",
        Dialect.OpenAIResponses => $$"""{"model":"m","store":false,"input":"{{question}}"{{Stream(stream)}}{{extra}}}""",
        Dialect.AnthropicMessages => $$"""{"model":"m","max_tokens":50,"messages":[{"role":"user","content":"{{question}}"}]{{Stream(stream)}}{{extra}}}""",
        _ => $$"""{"model":"m","messages":[{"role":"user","content":"{{question}}"}]{{Stream(stream)}}{{extra}}}""",
    };

    /// <summary>Of the n-th call: all of the prompt, what of it came from the provider's cache, and the answer.</summary>
    public static (int Prompt, int Cached, int Completion) UsageOf(int call) => (1000 + (13 * call % 701), 7 * call % 331, 5 + (29 * call % 97));

    public static Task AnswerAsync(HttpContext context, int call, string body)
    {
        if (body.Contains("fail", StringComparison.Ordinal))
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync("""{"error":{"message":"no"}}""", context.RequestAborted);
        }

        bool stream = body.Contains("\"stream\":true", StringComparison.Ordinal);
        (int prompt, int cached, int completion) = UsageOf(call);
        context.Response.ContentType = stream ? "text/event-stream" : "application/json";
        return context.Response.WriteAsync(((string)context.Request.Path switch
        {
            "/v1/completions" => stream ? Lines(Completion("text", ""), Completion("", "stop"), $$"""{"id":"c","object":"text_completion","created":1,"model":"m","choices":[],"usage":{{Chat(prompt, cached, completion)}}}""", "[DONE]")
                : $$"""{"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"text","logprobs":null,"finish_reason":"stop"}],"usage":{{Chat(prompt, cached, completion)}}}""",
            "/v1/responses" => stream ? Events(Responses(Usage(prompt, cached, completion))) : Response("completed", Item("completed"), Usage(prompt, cached, completion)),
            "/v1/messages" => stream ? Events(Messages(prompt, cached, completion))
                : $$"""{"id":"msg","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"text"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":{{prompt - cached}},"cache_creation_input_tokens":0,"cache_read_input_tokens":{{cached}},"output_tokens":{{completion}} } }""",
            _ => stream ? Lines(Chunk("""{"role":"assistant","content":"text"}""", "null"), Chunk("{}", "\"stop\""), $$"""{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{{Chat(prompt, cached, completion)}}}""", "[DONE]")
                : $$"""{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"text"},"finish_reason":"stop"}],"usage":{{Chat(prompt, cached, completion)}}}""",
        }).ReplaceLineEndings("\n"), context.RequestAborted);
    }

    private static string Stream(bool stream) => stream ? ",\"stream\":true" : "";

    private static string Chat(int prompt, int cached, int completion)
        => $$"""{"prompt_tokens":{{prompt}},"completion_tokens":{{completion}},"total_tokens":{{prompt + completion}},"prompt_tokens_details":{"cached_tokens":{{cached}} } }""";

    private static string Usage(int prompt, int cached, int completion)
        => $$"""{"input_tokens":{{prompt}},"input_tokens_details":{"cached_tokens":{{cached}}},"output_tokens":{{completion}},"output_tokens_details":{"reasoning_tokens":0},"total_tokens":{{prompt + completion}}}""";

    private static string Chunk(string delta, string finish)
        => $$"""{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finish}}}]}""";

    private static string Completion(string text, string finish)
        => $$"""{"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"{{text}}","logprobs":null,"finish_reason":{{(finish.Length > 0 ? $"\"{finish}\"" : "null")}}}]}""";

    private static string Item(string status)
        => $$"""[{"id":"msg_1","type":"message","status":"{{status}}","role":"assistant","content":[{"type":"output_text","text":"text","annotations":[]}]}]""";

    private static string Response(string status, string output, string usage)
        => $$"""{"id":"resp_1","object":"response","created_at":1,"status":"{{status}}","model":"m","output":{{output}},"store":false,"usage":{{usage}}}""";

    private static string[] Responses(string usage) =>
    [
        $$"""{"type":"response.created","sequence_number":0,"response":{{Response("in_progress", "[]", "null")}}}""",
        """{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}""",
        """{"type":"response.content_part.added","sequence_number":2,"item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}""",
        """{"type":"response.output_text.delta","sequence_number":3,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"text"}""",
        """{"type":"response.output_text.done","sequence_number":4,"item_id":"msg_1","output_index":0,"content_index":0,"text":"text"}""",
        """{"type":"response.content_part.done","sequence_number":5,"item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":"text","annotations":[]}}""",
        """{"type":"response.output_item.done","sequence_number":6,"output_index":0,"item":{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"text","annotations":[]}]}}""",
        $$"""{"type":"response.completed","sequence_number":7,"response":{{Response("completed", Item("completed"), usage)}}}""",
    ];

    private static string[] Messages(int prompt, int cached, int completion) =>
    [
        $$"""{"type":"message_start","message":{"id":"msg","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":{{prompt - cached}},"cache_creation_input_tokens":0,"cache_read_input_tokens":{{cached}},"output_tokens":1 } } }""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"text"}}""",
        """{"type":"content_block_stop","index":0}""",
        $$"""{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":{{completion}} } }""",
        """{"type":"message_stop"}""",
    ];

    private static string Lines(params string[] data) => string.Concat(data.Select(one => $"data: {one}\n\n"));

    private static string Events(string[] data)
        => string.Concat(data.Select(one => $"event: {one.Split('"')[3]}\ndata: {one}\n\n"));
}
