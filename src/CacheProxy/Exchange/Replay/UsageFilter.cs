using System.Buffers;

namespace CacheProxy.Exchange.Replay;

/// <summary>
/// Takes out of a stream of chat or text completions what is only there because somebody else asked for usage: the usage chunk, and
/// <c>,"usage":null</c> in the chunks in front of it. One per reader; the bytes may come in any pieces.
/// </summary>
/// <remarks>
/// What a client may act on never waits: a whole event passes at once, but for those after a finish reason, which pass when they are
/// whole. Of an event that is not whole at most the bytes wait that may turn out to be <c>,"usage":null</c>. The chunk is left
/// in where it also carries a choice: some providers report usage with the last token, asked for or not.
/// </remarks>
public sealed class UsageFilter
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly ArrayBufferWriter<byte> _event = new();
    private int _passed;
    private bool _isLineEmpty = true;
    private bool _isAfterFinish;

    /// <summary>What may pass now; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Pass(ReadOnlySpan<byte> bytes)
    {
        _output.ResetWrittenCount();
        while (!bytes.IsEmpty)
        {
            int length = EventBoundary.Take(bytes, ref _isLineEmpty, out bool isWhole);
            _event.Write(bytes[..length]);
            bytes = bytes[length..];
            PassEvent(isWhole);
        }

        return _output.WrittenMemory;
    }

    /// <summary>What was held of an event that never became whole.</summary>
    public ReadOnlyMemory<byte> End()
    {
        _output.ResetWrittenCount();
        _output.Write(_event.WrittenSpan[_passed..]);
        return _output.WrittenMemory;
    }

    /// <summary>The same for a stream that is there as a whole, without copying: the pieces that stay, in order.</summary>
    public static ReadOnlyMemory<byte>[] Split(ReadOnlyMemory<byte> stream)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        int kept = 0;
        bool isLineEmpty = true, isAfterFinish = false;
        for (int at = 0; at < stream.Length;)
        {
            int length = EventBoundary.Take(stream.Span[at..], ref isLineEmpty, out _);
            ReadOnlySpan<byte> item = stream.Span.Slice(at, length);
            if (isAfterFinish && UsageChunk.Is(item))
            {
                Keep(kept, at);
                kept = at += length;
                continue;
            }

            for (int from = 0; ;)
            {
                UsageChunk.FindNull(item[from..], isWhole: true, out int start, out int cut);
                if (cut == 0)
                {
                    break;
                }

                Keep(kept, at + from + start);
                from += start + cut;
                kept = at + from;
            }

            isAfterFinish |= UsageChunk.HasFinish(item);
            at += length;
        }

        Keep(kept, stream.Length);
        return [.. pieces];

        void Keep(int start, int end)
        {
            if (end > start)
            {
                pieces.Add(stream[start..end]);
            }
        }
    }

    private void PassEvent(bool isWhole)
    {
        ReadOnlySpan<byte> item = _event.WrittenSpan;
        if (_isAfterFinish && (!isWhole || UsageChunk.Is(item)))
        {
            _passed = isWhole ? item.Length : 0;
        }
        else
        {
            PassWithoutNulls(item, isWhole);
        }

        if (isWhole)
        {
            _isAfterFinish |= UsageChunk.HasFinish(item);
            _event.ResetWrittenCount();
            _passed = 0;
        }
    }

    private void PassWithoutNulls(ReadOnlySpan<byte> item, bool isWhole)
    {
        while (true)
        {
            UsageChunk.FindNull(item[_passed..], isWhole, out int start, out int length);
            _output.Write(item.Slice(_passed, start));
            _passed += start + length;
            if (length == 0)
            {
                return;
            }
        }
    }
}
