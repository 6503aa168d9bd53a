using static CacheProxy.Fingerprint.Fields.FieldRule;

namespace CacheProxy.Fingerprint.Fields;

/// <summary>OpenAI's API reference, <c>POST /v1/completions</c>.</summary>
internal static class CompletionsFields
{
    public static FieldTable Table { get; } = new(
        In("model", RequestField.Model),
        In("prompt", RequestField.Prompt),
        In("suffix"),
        In("max_tokens", RequestField.MaxTokens, absent: "16", serversChoice: true),
        In("temperature", RequestField.Temperature, absent: "1", serversChoice: true),
        In("top_p", RequestField.TopP, absent: "1", serversChoice: true),
        In("n", RequestField.Choices, absent: "1"),
        In("best_of", absent: "1"),
        In("echo", absent: "false"),
        In("logprobs", RequestField.LogProbs),
        In("logit_bias", absent: "{}"),
        In("presence_penalty", absent: "0"),
        In("frequency_penalty", absent: "0"),
        In("stop"),
        In("seed", RequestField.Seed),
        Out("stream", RequestField.Stream),
        Out("stream_options", RequestField.StreamOptions),
        Out("user", RequestField.User),
        Out("priority"),
        Out("speculate"));
}
