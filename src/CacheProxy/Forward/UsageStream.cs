using CacheProxy.Exchange.Replay;

namespace CacheProxy.Forward;

/// <summary>Lets an answer's bytes pass and shows them to who reads the usage; takes the usage chunk out where only we asked for it and nobody behind does that.</summary>
internal sealed class UsageStream(Stream inner, UsageTap tap, UsageFilter? filter) : ReadOnlyStream(inner)
{
    private ReadOnlyMemory<byte> _rest;
    private bool _isOver;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (filter is not null)
        {
            return ReadFilteredAsync(filter, buffer, cancellationToken);
        }

        ValueTask<int> read = Inner.ReadAsync(buffer, cancellationToken);
        return read.IsCompletedSuccessfully ? ValueTask.FromResult(Note(buffer, read.Result)) : NoteAsync(buffer, read);
    }

    private async ValueTask<int> NoteAsync(Memory<byte> buffer, ValueTask<int> read) => Note(buffer, await read);

    private int Note(Memory<byte> buffer, int read)
    {
        if (read > 0)
        {
            tap.Pass(buffer.Span[..read]);
        }
        else if (!buffer.IsEmpty)
        {
            // An empty buffer asks whether there is something to read; this was the end.
            tap.End();
        }

        return read;
    }

    private async ValueTask<int> ReadFilteredAsync(UsageFilter usage, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (_rest.IsEmpty)
        {
            if (_isOver)
            {
                return 0;
            }

            int read = Note(buffer, await Inner.ReadAsync(buffer, cancellationToken));
            if (read == 0 && buffer.IsEmpty)
            {
                return 0;
            }

            _isOver = read == 0;
            // What it lets go of may be more than came: bytes that were held back before.
            _rest = _isOver ? usage.End() : usage.Pass(buffer.Span[..read]);
        }

        int count = Math.Min(_rest.Length, buffer.Length);
        _rest.Span[..count].CopyTo(buffer.Span);
        _rest = _rest[count..];
        return count;
    }
}
