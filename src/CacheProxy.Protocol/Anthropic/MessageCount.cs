using System.Text;

namespace CacheProxy.Protocol.Anthropic;

/// <summary>The answer of <c>POST /v1/messages/count_tokens</c>.</summary>
public static class MessageCount
{
    public static byte[] ToJson(int inputTokens) => Encoding.UTF8.GetBytes(FormattableString.Invariant($"{{\"input_tokens\":{inputTokens}}}"));
}
