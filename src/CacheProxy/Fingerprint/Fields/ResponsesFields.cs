using static CacheProxy.Fingerprint.Fields.FieldRule;

namespace CacheProxy.Fingerprint.Fields;

/// <summary>OpenAI's API reference, <c>POST /v1/responses</c>.</summary>
internal static class ResponsesFields
{
    public static FieldTable Table { get; } = new(
        In("model", RequestField.Model),
        In("input", RequestField.Turns),
        In("instructions", RequestField.System),
        In("temperature", RequestField.Temperature, absent: "1", serversChoice: true),
        In("top_p", RequestField.TopP, absent: "1", serversChoice: true),
        In("max_output_tokens", RequestField.MaxTokens),
        In("max_tool_calls"),
        In("text", absent: """{"format":{"type":"text"}}""", verbatim: true),
        In("reasoning", absent: "{}"),
        In("include", RequestField.Include, absent: "[]"),
        In("tools", RequestField.Tools, verbatim: true),
        In("tool_choice", absent: "\"auto\""),
        In("parallel_tool_calls", absent: "true"),
        In("top_logprobs"),
        In("truncation", absent: "\"disabled\""),
        In("context_management"),
        In("moderation"),
        In("service_tier", absent: "\"auto\""),
        // Part of the answer, which says them again: another request's would be a wrong answer, another user's a leak.
        In("metadata", absent: "{}"),
        In("user", RequestField.User),
        In("safety_identifier", RequestField.SafetyIdentifier),
        In("prompt_cache_key"),
        In("prompt_cache_retention"),
        In("prompt_cache_options"),
        // The provider's default is true, but nobody who does not say so comes back for what it keeps.
        In("store", RequestField.ServerState, absent: "false"),
        In("background", RequestField.ServerState, absent: "false"),
        In("conversation", RequestField.ServerState),
        In("previous_response_id", RequestField.ServerState),
        In("prompt", RequestField.ServerState),
        Out("stream", RequestField.Stream),
        Out("stream_options"),
        Out("priority"),
        Out("speculate"));
}
