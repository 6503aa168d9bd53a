using System.Text;
using CacheProxy.Inference.Generation;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>The engine's log probabilities in OpenAI's two shapes.</summary>
internal static class LogProbs
{
    // JSON has no infinity; this is what OpenAI sends for a token that could not be drawn.
    private const float Impossible = -9999f;

    public static ChatLogProbs ToChat(IEnumerable<TokenLogProb> tokens) => new() { Content = [.. tokens.Select(ToChatToken)] };

    /// <param name="offset">Length of the choice's text before these tokens, in UTF-16 code units.</param>
    public static CompletionLogProbs ToCompletion(IReadOnlyList<TokenLogProb> tokens, int offset)
    {
        var offsets = new List<int>(tokens.Count);
        foreach (TokenLogProb token in tokens)
        {
            offsets.Add(offset);
            offset += TextOf(token.Bytes).Length;
        }

        return new CompletionLogProbs
        {
            Tokens = [.. tokens.Select(token => TextOf(token.Bytes))],
            TokenLogProbs = [.. tokens.Select(token => float.IsNaN(token.LogProb) ? (float?)null : Finite(token.LogProb))],
            TopLogProbs = [.. tokens.Select(token => float.IsNaN(token.LogProb) ? null : ToDictionary(token))],
            TextOffset = offsets,
        };
    }

    private static ChatTokenLogProb ToChatToken(TokenLogProb token) => new()
    {
        Token = TextOf(token.Bytes),
        LogProb = Finite(token.LogProb),
        Bytes = NumbersOf(token.Bytes),
        Top = [.. token.Top.Select(other => new ChatTopLogProb(TextOf(other.Bytes), Finite(other.LogProb), NumbersOf(other.Bytes)))],
    };

    // Different tokens can have one text (parts of characters all show as U+FFFD): the likeliest of them keeps it.
    private static Dictionary<string, float> ToDictionary(TokenLogProb token)
    {
        var top = new Dictionary<string, float>(token.Top.Count);
        foreach ((_, byte[] bytes, float logProb) in token.Top)
        {
            top.TryAdd(TextOf(bytes), Finite(logProb));
        }

        return top;
    }

    private static string TextOf(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static int[] NumbersOf(byte[] bytes) => [.. bytes.Select(value => (int)value)];

    private static float Finite(float logProb) => float.IsFinite(logProb) ? logProb : Impossible;
}
