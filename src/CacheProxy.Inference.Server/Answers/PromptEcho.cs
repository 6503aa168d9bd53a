using System.Text;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Text;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>A prompt that is to be part of its own answer.</summary>
internal sealed class PromptEcho
{
    private readonly TokenLogProb _first;

    /// <param name="tokens">The prompt as the model got it.</param>
    public PromptEcho(TextInput input, int[] tokens, ITokenVocabulary vocabulary)
    {
        Text = input.Text ?? Encoding.UTF8.GetString([.. tokens.SelectMany(token => vocabulary.BytesOf(token).ToArray())]);
        TokenCount = tokens.Length;
        _first = new TokenLogProb(tokens[0], vocabulary.BytesOf(tokens[0]).ToArray(), float.NaN, []);
    }

    public string Text { get; }

    public int TokenCount { get; }

    /// <summary>The prompt's tokens: nothing precedes the first one, so it alone has no log probability (NaN).</summary>
    /// <param name="described">Of the others.</param>
    public IReadOnlyList<TokenLogProb> Tokens(IEnumerable<TokenLogProb> described) => [_first, .. described];
}
