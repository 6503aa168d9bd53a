using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>One choice of a streamed text completion: the echo of the prompt first, whole, then what is generated.</summary>
/// <param name="echo">Null: none was asked for.</param>
/// <param name="hasLogProbs">The prompt's log probabilities come before the answer's.</param>
internal sealed class StreamedChoice(PromptEcho? echo, bool hasLogProbs)
{
    private readonly List<TokenLogProb> _prompt = [];
    private bool _isEchoed = echo is null;
    private int _offset;

    /// <returns>Pieces to send: text, tokens and the offset of the first of these.</returns>
    public IEnumerable<(string Text, IReadOnlyList<TokenLogProb> Tokens, int Offset)> Take(GenerationEvent.Delta delta, bool isPromptOnly)
    {
        if (!_isEchoed && hasLogProbs && _prompt.Count < echo!.TokenCount - 1)
        {
            _prompt.AddRange(delta.Tokens);
            yield break;
        }

        foreach ((string, IReadOnlyList<TokenLogProb>, int) piece in Complete())
        {
            yield return piece;
        }

        if (!isPromptOnly)
        {
            yield return (delta.Text, delta.Tokens, _offset);
            _offset += delta.Text.Length;
        }
    }

    /// <summary>Sends the echo if that has not been done.</summary>
    public IEnumerable<(string Text, IReadOnlyList<TokenLogProb> Tokens, int Offset)> Complete()
    {
        if (!_isEchoed)
        {
            _isEchoed = true;
            yield return (echo!.Text, hasLogProbs ? echo.Tokens(_prompt) : [], 0);
            _offset = echo.Text.Length;
        }
    }
}
