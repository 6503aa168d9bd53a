using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Scheduling;

/// <summary>From a sequence's tokens to its reader: bytes to characters, stop texts cut off, pieces and the end written.</summary>
internal sealed class GenerationOutput(GenerationStream stream, IReadOnlyList<string> stops)
{
    private readonly IncrementalDetokenizer _detokenizer = new();
    private readonly StopTextMatcher _matcher = new(stops);

    public bool IsFinished { get; private set; }

    /// <summary>The sequence was admitted for the first time, with so many tokens of its prompt found.</summary>
    public void Begin(int cachedTokens) => stream.CachedTokens = cachedTokens;

    /// <summary>Adds a token's text.</summary>
    /// <param name="mayStop">Whether stop texts are looked for in it.</param>
    /// <returns>True when a stop text is complete.</returns>
    public bool Append(ReadOnlySpan<byte> bytes, TokenLogProb? logProb, bool mayStop)
    {
        ReadOnlySpan<char> piece = _detokenizer.Append(bytes);
        stream.Write(mayStop ? _matcher.Append(piece) : piece, logProb);
        return _matcher.Stopped;
    }

    /// <summary>Writes what was held back and the terminal event, then ends the stream. Later calls do nothing.</summary>
    public void Finish(FinishReason reason, GenerationUsage usage, string? error = null)
    {
        if (IsFinished)
        {
            return;
        }

        IsFinished = true;
        stream.Write(_matcher.Complete(_detokenizer.Complete()), null);
        stream.Finish(new GenerationEvent.Finished(reason, usage, error) { StopText = _matcher.Found });
    }
}
