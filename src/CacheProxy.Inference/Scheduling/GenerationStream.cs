using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// One answer's way from the engine thread to its reader. The engine thread copies characters and counts pieces; strings and
/// events are made by whoever reads, so a decoding step allocates nothing. Unbounded (by the tokens asked for), so that a slow
/// reader never holds up the engine.
/// </summary>
internal sealed class GenerationStream : ChannelReader<GenerationEvent>
{
    private const int End = -1;

    /// <summary>Length of each piece, doubled, plus one where it has a log probability; <see cref="End"/> last.</summary>
    private readonly Channel<int> _pieces = Channel.CreateUnbounded<int>(new UnboundedChannelOptions { SingleWriter = true });

    private readonly Lock _lock = new();
    private readonly Queue<TokenLogProb> _logProbs = new();
    private GenerationEvent.Finished? _end;

    /// <summary>Characters not read yet: [_first, _behind).</summary>
    private char[] _text = new char[64];

    private int _first;
    private int _behind;

    /// <summary>Prompt tokens found; the engine thread writes it before the first piece, whose hand-over publishes it.</summary>
    public int CachedTokens { get; set; }

    public override Task Completion => _pieces.Reader.Completion;

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => _pieces.Reader.WaitToReadAsync(cancellationToken);

    public override bool TryRead([MaybeNullWhen(false)] out GenerationEvent item)
    {
        lock (_lock)
        {
            item = null;
            if (!_pieces.Reader.TryRead(out int piece))
            {
                return false;
            }

            item = piece == End ? _end! : new GenerationEvent.Delta(Take_NeedsLock(piece >> 1), (piece & 1) == 1 ? [_logProbs.Dequeue()] : []) { CachedTokens = CachedTokens };
            return true;
        }
    }

    /// <summary>Engine thread. An empty piece without a log probability is nothing.</summary>
    public void Write(ReadOnlySpan<char> text, TokenLogProb? logProb)
    {
        if (text.IsEmpty && logProb is null)
        {
            return;
        }

        lock (_lock)
        {
            MakeRoom_NeedsLock(text.Length);
            text.CopyTo(_text.AsSpan(_behind));
            _behind += text.Length;
            if (logProb is not null)
            {
                _logProbs.Enqueue(logProb);
            }
        }

        _pieces.Writer.TryWrite((text.Length << 1) | (logProb is null ? 0 : 1));
    }

    /// <summary>Engine thread, once: nothing follows.</summary>
    public void Finish(GenerationEvent.Finished end)
    {
        lock (_lock)
        {
            _end = end;
        }

        _pieces.Writer.TryWrite(End);
        _pieces.Writer.TryComplete();
    }

    private string Take_NeedsLock(int length)
    {
        string text = new(_text, _first, length);
        _first += length;
        if (_first == _behind)
        {
            _first = _behind = 0;
        }

        return text;
    }

    private void MakeRoom_NeedsLock(int length)
    {
        if (_behind + length <= _text.Length)
        {
            return;
        }

        int held = _behind - _first;
        char[] target = held + length > _text.Length ? new char[Math.Max(held + length, _text.Length * 2)] : _text;
        _text.AsSpan(_first, held).CopyTo(target);
        (_text, _first, _behind) = (target, 0, held);
    }
}
