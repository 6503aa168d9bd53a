using System.Buffers;

namespace CacheProxy.Protocol.Sse;

/// <summary>
/// Incremental parser of <c>text/event-stream</c> (WHATWG HTML §9.2.6): CR, LF and CRLF line ends, several data lines,
/// comments, a leading BOM, pieces cut at any byte. Never throws on what a server sends. Not thread-safe; one per stream.
/// </summary>
/// <example><code>while (parser.TryRead(ref chunk, out SseEvent item)) { … }</code></example>
/// <param name="maxEventBytes">The most bytes that one event (or one line) may hold; beyond it <see cref="IsOversized"/> is set and the rest ignored.</param>
public sealed class SseParser(int maxEventBytes = SseParser.DefaultMaxEventBytes)
{
    /// <summary>16 MiB: the proxy's default cap of a body.</summary>
    public const int DefaultMaxEventBytes = 16 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _line = new(256);
    private readonly ArrayBufferWriter<byte> _data = new(1024);
    private readonly ArrayBufferWriter<byte> _type = new(32);
    private readonly ArrayBufferWriter<byte> _lastEventId = new(32);
    private bool _isFirstLine = true;
    private bool _hasData;
    private bool _skipLineFeed;
    private bool _clearOnRead;

    /// <summary>An event was larger than allowed: no event comes any more.</summary>
    public bool IsOversized { get; private set; }

    /// <summary>The reconnection time that the stream asked for, in milliseconds.</summary>
    public int? RetryMilliseconds { get; private set; }

    /// <summary>The input so far ends inside an event: if the stream ends here, it was cut short.</summary>
    public bool HasPartialEvent => _line.WrittenCount > 0 || (_hasData && !_clearOnRead);

    /// <summary>Consumes input up to the end of the next event.</summary>
    /// <param name="input">The next bytes of the stream; what was consumed is cut off.</param>
    /// <returns>False when all input was consumed without completing an event; call again with the bytes that follow.</returns>
    public bool TryRead(scoped ref ReadOnlySpan<byte> input, out SseEvent item)
    {
        BeginRead();
        while (!input.IsEmpty && !IsOversized)
        {
            if (_skipLineFeed && input[0] == (byte)'\n')
            {
                input = input[1..];
                _skipLineFeed = false;
                continue;
            }

            _skipLineFeed = false;
            if (TakeLine(ref input, out ReadOnlySpan<byte> line) && AcceptLine(line))
            {
                item = new SseEvent { Type = _type.WrittenSpan, Data = _data.WrittenSpan, LastEventId = _lastEventId.WrittenSpan };
                _clearOnRead = true;
                return true;
            }
        }

        if (IsOversized)
        {
            input = default;
        }

        item = default;
        return false;
    }

    /// <summary>As <see cref="TryRead(ref ReadOnlySpan{byte}, out SseEvent)"/>, over the segments of a sequence.</summary>
    public bool TryRead(ref ReadOnlySequence<byte> input, out SseEvent item)
    {
        long consumed = 0;
        foreach (ReadOnlyMemory<byte> memory in input)
        {
            ReadOnlySpan<byte> segment = memory.Span;
            bool found = TryRead(ref segment, out item);
            consumed += memory.Length - segment.Length;
            if (found)
            {
                input = input.Slice(consumed);
                return true;
            }
        }

        input = input.Slice(input.End);
        item = default;
        return false;
    }

    // The event handed out last points into these buffers, so they are emptied only when the next one is asked for.
    private void BeginRead()
    {
        if (_clearOnRead)
        {
            _clearOnRead = false;
            _hasData = false;
            _data.ResetWrittenCount();
            _type.ResetWrittenCount();
        }
    }

    /// <summary>Cuts one line off the input, without its end. False: the line is not complete and its beginning was kept.</summary>
    private bool TakeLine(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> line)
    {
        int end = input.IndexOfAny((byte)'\r', (byte)'\n');
        ReadOnlySpan<byte> part = end < 0 ? input : input[..end];
        if (_line.WrittenCount + part.Length + _data.WrittenCount > maxEventBytes)
        {
            IsOversized = true;
            line = default;
            return false;
        }

        if (end < 0)
        {
            _line.Write(part);
            input = default;
            line = default;
            return false;
        }

        // A CR ends the line at once, so that an event is not held back until the next byte shows whether an LF follows.
        _skipLineFeed = input[end] == (byte)'\r';
        input = input[(end + 1)..];
        line = part;
        if (_line.WrittenCount > 0)
        {
            _line.Write(part);
            line = _line.WrittenSpan;
            _line.ResetWrittenCount();
        }

        return true;
    }

    /// <returns>True when the line completes an event.</returns>
    private bool AcceptLine(ReadOnlySpan<byte> line)
    {
        if (_isFirstLine)
        {
            _isFirstLine = false;
            line = line.StartsWith("\uFEFF"u8) ? line[3..] : line;
        }

        if (line.IsEmpty)
        {
            // An event without a data line is not dispatched, but its type is forgotten.
            if (!_hasData)
            {
                _type.ResetWrittenCount();
            }

            return _hasData;
        }

        int colon = line.IndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? line : line[..colon];
        ReadOnlySpan<byte> value = colon < 0 ? default : line[(colon + 1)..];
        AcceptField(name, value.StartsWith(" "u8) ? value[1..] : value);
        return false;
    }

    // A comment is a line with an empty field name, which is no known field.
    private void AcceptField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("data"u8))
        {
            if (_hasData)
            {
                _data.Write("\n"u8);
            }

            _hasData = true;
            _data.Write(value);
        }
        else if (name.SequenceEqual("event"u8))
        {
            Replace(_type, value);
        }
        else if (name.SequenceEqual("id"u8) && !value.Contains((byte)0))
        {
            Replace(_lastEventId, value);
        }
        else if (name.SequenceEqual("retry"u8) && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && System.Buffers.Text.Utf8Parser.TryParse(value, out int milliseconds, out int used) && used == value.Length)
        {
            RetryMilliseconds = milliseconds;
        }
    }

    private static void Replace(ArrayBufferWriter<byte> field, ReadOnlySpan<byte> value)
    {
        field.ResetWrittenCount();
        field.Write(value);
    }
}
