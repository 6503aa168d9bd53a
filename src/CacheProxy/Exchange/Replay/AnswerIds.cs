using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Replay;

/// <summary>Ids with the prefix that a dialect's clients expect, the same for the same answer whenever it is written.</summary>
internal static class AnswerIds
{
    private static readonly string[] Prefixes = ["chatcmpl-", "cmpl-", "resp_", "msg_"];

    public static string Of(CanonicalAnswer answer, Dialect dialect) => dialect == answer.Body.Dialect ? answer.UpstreamId : Prefix(dialect) + Stem(answer);

    /// <summary>Of an output item that the recorded dialect did not name.</summary>
    public static string OfItem(CanonicalAnswer answer, string prefix, int index) => $"{prefix}_{Stem(answer)}_{index}";

    private static string Prefix(Dialect dialect) => dialect switch
    {
        Dialect.OpenAIChat => "chatcmpl-",
        Dialect.OpenAICompletions => "cmpl-",
        Dialect.OpenAIResponses => "resp_",
        Dialect.AnthropicMessages => "msg_",
        _ => "",
    };

    private static string Stem(CanonicalAnswer answer)
    {
        string id = answer.UpstreamId;
        return Array.Find(Prefixes, prefix => id.StartsWith(prefix, StringComparison.Ordinal)) is { } known ? id[known.Length..] : id;
    }
}
