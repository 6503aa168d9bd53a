using System.Buffers;

namespace CacheProxy.Flight;

/// <summary>
/// Bytes that one writer appends and many readers follow, each at its own pace: nobody waits for anybody. Keeps everything until
/// <see cref="StopKeeping"/>; from then on only what the slowest reader has not read yet.
/// </summary>
internal sealed class ReplayBuffer
{
    private const int FirstBlockBytes = 4 * 1024;
    private const int MaxBlockBytes = 64 * 1024;

    private readonly Lock _lock = new();
    private Block? _first;
    private Block _last;
    private long _length;
    private bool _isComplete;
    private TaskCompletionSource? _changed;
    private TaskCompletionSource? _changedForFirst;

    public ReplayBuffer() => _first = _last = new Block(FirstBlockBytes, 0);

    /// <summary>So many bytes will come, if it is known: in front of the first of them. An object then lies in one piece without room to spare.</summary>
    public void Expect(long bytes)
    {
        lock (_lock)
        {
            if (bytes > 0 && _length == 0)
            {
                _last.Resize((int)Math.Min(bytes, MaxBlockBytes));
            }
        }
    }

    public long Length
    {
        get
        {
            lock (_lock)
            {
                return _length;
            }
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        TaskCompletionSource? changed, forFirst;
        lock (_lock)
        {
            while (!bytes.IsEmpty)
            {
                if (_last.Free == 0)
                {
                    _last = _last.Append(Math.Min(MaxBlockBytes, Math.Max(_last.Size * 2, FirstBlockBytes)));
                }

                int count = Math.Min(bytes.Length, _last.Free);
                _last.Write(bytes[..count]);
                bytes = bytes[count..];
                _length += count;
            }

            (changed, _changed, forFirst, _changedForFirst) = (_changed, null, _changedForFirst, null);
        }

        changed?.TrySetResult();
        forFirst?.TrySetResult();
    }

    public void Complete()
    {
        TaskCompletionSource? changed, forFirst;
        lock (_lock)
        {
            _isComplete = true;
            (changed, _changed, forFirst, _changedForFirst) = (_changed, null, _changedForFirst, null);
        }

        changed?.TrySetResult();
        forFirst?.TrySetResult();
    }

    /// <summary>Lets go of what every reader has read; nobody can begin from now on.</summary>
    public void StopKeeping()
    {
        lock (_lock)
        {
            _first = null;
        }
    }

    /// <summary>A place at the beginning; null: the beginning is gone.</summary>
    /// <param name="isFirst">The one reader that goes on within the call that appends, without a change of threads; the others each on one of its own.</param>
    public Cursor? Begin(bool isFirst = false)
    {
        lock (_lock)
        {
            return _first is null ? null : new Cursor(_first, isFirst);
        }
    }

    /// <summary>The next bytes in one piece, and the cursor after them. Empty: see <paramref name="wait"/>.</summary>
    /// <param name="wait">Completes when there is more; null: that was all.</param>
    public ReadOnlyMemory<byte> Read(Cursor cursor, out Task? wait)
    {
        lock (_lock)
        {
            ReadOnlyMemory<byte> bytes = cursor.Take();
            wait = !bytes.IsEmpty || _isComplete
                ? null
                : cursor.IsFirst
                    ? (_changedForFirst ??= new TaskCompletionSource()).Task
                    : (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            return bytes;
        }
    }

    /// <summary>The last bytes; fewer than asked for where there are not so many or they are not kept.</summary>
    public byte[] Tail(int count)
    {
        ReadOnlySequence<byte> all = ToSequence();
        return all.Slice(Math.Max(0, all.Length - count)).ToArray();
    }

    /// <summary>Everything so far.</summary>
    public ReadOnlySequence<byte> ToSequence()
    {
        lock (_lock)
        {
            return _first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_first.Seal(), 0, _last.Seal(), _last.Memory.Length);
        }
    }

    /// <summary>How far one reader has come.</summary>
    public sealed class Cursor
    {
        private Block _block;
        private int _offset;

        internal Cursor(Block block, bool isFirst)
        {
            _block = block;
            IsFirst = isFirst;
        }

        public bool IsFirst { get; }

        public long Position { get; private set; }

        internal ReadOnlyMemory<byte> Take()
        {
            while (_offset == _block.Used && _block.NextBlock is { } next)
            {
                (_block, _offset) = (next, 0);
            }

            ReadOnlyMemory<byte> bytes = _block.Read(_offset);
            _offset += bytes.Length;
            Position += bytes.Length;
            return bytes;
        }
    }

    internal sealed class Block : ReadOnlySequenceSegment<byte>
    {
        // Made with the first byte: an error or a hit behind the flight's back may never need it.
        private byte[] _bytes = [];

        public Block(int size, long runningIndex)
        {
            Size = size;
            RunningIndex = runningIndex;
        }

        public int Size { get; private set; }

        public int Used { get; private set; }

        public int Free => Size - Used;

        public Block? NextBlock { get; private set; }

        public void Resize(int size) => Size = size;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            if (_bytes.Length == 0)
            {
                _bytes = GC.AllocateUninitializedArray<byte>(Size);
            }

            bytes.CopyTo(_bytes.AsSpan(Used));
            Used += bytes.Length;
        }

        public ReadOnlyMemory<byte> Read(int offset) => _bytes.AsMemory(offset, Used - offset);

        public Block Append(int size)
        {
            Seal();
            NextBlock = new Block(size, RunningIndex + Used);
            Next = NextBlock;
            return NextBlock;
        }

        public Block Seal()
        {
            Memory = _bytes.AsMemory(0, Used);
            return this;
        }
    }
}
