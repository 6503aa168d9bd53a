using System.Security.Cryptography;
using System.Text;
using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>A stretch of an answer: text, or one call of a tool. Grows while the answer comes.</summary>
/// <param name="index">Among the answer's blocks, from 0.</param>
/// <param name="callId">Null: it is text.</param>
/// <param name="name">Of the function called; empty for text.</param>
internal sealed class AnswerBlock(int index, string? callId, string name)
{
    private const int IdLength = 32;
    private readonly StringBuilder _content = new();
    private readonly List<TokenLogProb> _tokens = [];

    public int Index => index;

    public bool IsCall => callId is not null;

    public string CallId => callId ?? "";

    public string Name => name;

    /// <summary>Of the block itself, without a prefix.</summary>
    public string Id { get; } = RandomNumberGenerator.GetHexString(IdLength, lowercase: true);

    /// <summary>The text, or the JSON of the arguments, as far as it has come.</summary>
    public string Content => _content.ToString();

    /// <summary>Of a text, where log probabilities were asked for.</summary>
    public IReadOnlyList<TokenLogProb> Tokens => _tokens;

    public void Append(string piece, IReadOnlyList<TokenLogProb> tokens)
    {
        _content.Append(piece);
        _tokens.AddRange(tokens);
    }
}
