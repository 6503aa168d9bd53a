using System.Buffers;
using System.Diagnostics;
using CacheProxy.Exchange;

namespace CacheProxy.Flight;

/// <summary>
/// One answer under way and everyone who waits for it. It has its own cancellation: it ends when nobody waits any more, not when the one
/// who asked first goes away.
/// </summary>
public sealed class SharedAnswer : IAnswerCapture, IFlight, IDisposable
{
    // An entry with more tags than this costs more to purge than to make again; who comes with another goes alone.
    private const int MostJoinedTags = 256;

    private static readonly IHeaderDictionary s_noHeaders = new HeaderDictionary { IsReadOnly = true };

    private readonly Lock _lock = new();
    private readonly ReplayBuffer _buffer = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly long _maxBytes;
    private readonly bool _isOpen;
    private readonly bool _outlivesWaiters;
    private Moment _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Moment _startedForFirst = new(TaskCreationOptions.None);
    private Moment _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Moment _settledForLeader = new(TaskCreationOptions.None);
    private Moment _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiters;
    private long? _expectedBytes;
    private bool _hasAllBytes;
    private bool _isOver;
    private bool _isGivenUp;
    private volatile bool _isBroken;
    private volatile bool _isOutgrown;

    /// <param name="maxBytes">Beyond it the answer is no longer kept whole.</param>
    /// <param name="isOpen">It can be joined.</param>
    /// <param name="outlivesWaiters">It goes on when nobody waits.</param>
    public SharedAnswer(FlightKey key, ExchangeFeature leader, long maxBytes, bool isOpen, bool outlivesWaiters)
    {
        Key = key;
        Leader = leader;
        _isOpen = isOpen;
        _maxBytes = maxBytes;
        _outlivesWaiters = outlivesWaiters;
    }

    public FlightKey Key { get; }

    /// <summary>False: it is made for one request alone. Also from when a budget has refused its leader: that says nothing of others.</summary>
    public bool IsOpen => _isOpen && Leader.Refusal is null;

    /// <summary>The next in the table's chain; belongs to the table's lock.</summary>
    internal SharedAnswer? NextOfSameQuestion { get; set; }

    /// <summary>The request that is sent upstream for all.</summary>
    public ExchangeFeature Leader { get; }

    /// <summary>The span that it is made under; default: nobody traces it.</summary>
    internal ActivityContext LeaderSpan { get; set; }

    /// <summary>Cancelled when the upstream's work is not wanted any more.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Completes with the first byte, or with the end where there is none: status and headers are then final.</summary>
    public Task Started => _started.Task;

    /// <summary>The same for the reader at that place.</summary>
    internal Task StartedAt(ReplayBuffer.Cursor cursor) => cursor.IsFirst ? _startedForFirst.Task : _started.Task;

    /// <summary>The reader has all bytes of an object that said how long it is: the end of the upstream's connection is nothing to it.</summary>
    internal bool HasRead(ReplayBuffer.Cursor cursor) => cursor.Position == _expectedBytes;

    /// <summary>Completes when it is known whether the answer became an entry.</summary>
    public Task Settled => _settled.Task;

    public Task SettledForLeader => _settledForLeader.Task;

    public bool IsSettled => _settled.HasCome;

    /// <summary>Completes when nothing is left to do: its entry, where it became one, is stored.</summary>
    internal Task Landed => _landed.Task;

    public int StatusCode { get; private set; } = StatusCodes.Status200OK;

    public IHeaderDictionary Headers { get; private set; } = s_noHeaders;

    /// <summary>Those who read it now.</summary>
    public int Waiters => Volatile.Read(ref _waiters);

    public bool HasStarted => _started.HasCome;

    public bool IsBroken => _isBroken || _isOutgrown;

    /// <summary>There will be no more bytes.</summary>
    public bool IsOver
    {
        get
        {
            lock (_lock)
            {
                return _isOver;
            }
        }
    }

    /// <summary>Once it is over: it is an error that the next one to ask may not get.</summary>
    public bool IsFailure => _isBroken || StatusCode is >= StatusCodes.Status500InternalServerError or StatusCodes.Status429TooManyRequests;

    /// <summary>
    /// Nothing that a client waits for is still to come: what arrives from now on comes after the answer, not during it. It may be said
    /// before the upstream has closed: a client that has seen the last event does not wait for that.
    /// </summary>
    public bool HasSentLastByte => IsOver || (HasStarted && StatusCode == StatusCodes.Status200OK && (Headers.ContentLength is { } length
        ? length == _buffer.Length
        : Key.Mode == FlightMode.Stream && LastEvent.IsTerminal(Key.Dialect, _buffer)));

    /// <summary>For a stream, once it has started: it carries the usage chunk.</summary>
    public bool IncludesUsage => Leader.Facts.IncludesUsage || Leader.UsageWasAdded;

    /// <summary>Once it has started: events as they are, neither packed nor an object in place of the stream that was asked for.</summary>
    internal bool IsReadableStream
        => Headers.ContentEncoding.Count == 0 && Headers.ContentType.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <summary>It ended before it was whole.</summary>
    public bool IsCut => _isBroken;

    public ReadOnlySequence<byte> Bytes => _buffer.ToSequence();

    /// <summary>A request gets what it asks for by reading this one. What is over is nobody's company any more, but a failure is shared while it is held.</summary>
    internal bool CanBeJoinedBy(FlightKey key, ExchangeFeature exchange)
    {
        if (!IsOpen)
        {
            return false;
        }

        // An error's body has the same form in both modes.
        return IsOver
            ? IsFailure && (key == Key || (key.Dialect == Key.Dialect && StatusCode != StatusCodes.Status200OK)) && !IsOthersRefusal(exchange)
            : key == Key && MayBring(exchange);
    }

    /// <summary>Known for sure only once it has started: the usage is asked for when the upstream is chosen, and it may be no upstream's answer at all.</summary>
    internal bool MayBring(ExchangeFeature exchange)
        => !HasStarted || (StatusCode == StatusCodes.Status200OK
            ? (!exchange.Facts.IncludesUsage || IncludesUsage) && (Leader.Outcome != CacheOutcome.Semantic || AcceptsSemantic(exchange))
            : Leader.Refusal is null && !IsOthersRefusal(exchange));

    // The leader's wishes let it take another question's answer, of any age that suited it; a stricter client has not agreed to that.
    private bool AcceptsSemantic(ExchangeFeature exchange)
        => !exchange.Semantic.IsOff
            && exchange.Semantic.MinimumSimilarity <= Leader.Similarity
            && (exchange.Directives == Leader.Directives || exchange.Directives is { MaxAgeSeconds: null, MinFreshSeconds: null });

    // Who shares answers may still come with a key of their own: that another's is unknown, or spent, says nothing of it.
    private bool IsOthersRefusal(ExchangeFeature exchange) => IsRefusal(StatusCode) && exchange.Sender != Leader.Sender;

    /// <summary>It is said to the key that came with the request, and to no other.</summary>
    internal static bool IsRefusal(int statusCode)
        => statusCode is StatusCodes.Status401Unauthorized or StatusCodes.Status402PaymentRequired or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests;

    /// <summary>Whether the upstream failed before it gave anything. Waits for the first byte, or the end without one.</summary>
    internal async Task<bool> HasNothingAsync(CancellationToken cancellationToken)
    {
        if (StatusCode is >= StatusCodes.Status500InternalServerError or StatusCodes.Status429TooManyRequests)
        {
            return true;
        }

        ReplayBuffer.Cursor? probe = _buffer.Begin();
        while (probe is not null && _buffer.Read(probe, out Task? more).IsEmpty)
        {
            if (more is null)
            {
                return IsCut;
            }

            await more.WaitAsync(cancellationToken);
        }

        return false;
    }

    /// <summary>Joins those who wait; null: too late, it is given up or its beginning is no longer kept.</summary>
    /// <param name="isFirst">Before anybody else can: it goes on within the calls that make the answer, where others would need a thread each.</param>
    internal ReplayBuffer.Cursor? TryAttach(bool isFirst = false)
    {
        lock (_lock)
        {
            if (_isGivenUp || _buffer.Begin(isFirst) is not { } cursor)
            {
                return null;
            }

            _waiters++;
            return cursor;
        }
    }

    /// <summary>As <see cref="TryAttach"/>, for a request that another leads: the entry will be for it too.</summary>
    /// <param name="mayBeOver">It takes an answer that has become an entry a moment ago, as it would take the entry.</param>
    internal ReplayBuffer.Cursor? TryJoin(ExchangeFeature joined, bool mayBeOver = false)
    {
        lock (_lock)
        {
            bool isFull = Leader.Joined?.Tags.Count >= MostJoinedTags && joined.Tags.Count > 0;
            if (isFull || (_isOver && !mayBeOver && !IsFailure))
            {
                return null;
            }

            if (TryAttach() is not { } cursor)
            {
                return null;
            }

            if (!_isOver)
            {
                // Read when the entry is made, which is after the end.
                Leader.Joined = JoinedWishes.With(Leader.Joined, joined, Leader);
            }

            return cursor;
        }
    }

    /// <summary>One who attached does not wait any more.</summary>
    public void Detach()
    {
        bool isAbandoned;
        lock (_lock)
        {
            isAbandoned = --_waiters == 0 && !_outlivesWaiters && !_isOver && !_hasAllBytes;
            _isGivenUp |= isAbandoned;
        }

        if (isAbandoned)
        {
            _stop.Cancel();
        }
    }

    /// <summary>Status and headers are final from here on.</summary>
    /// <param name="bytes">The first of the body where they are there already: whoever waits then finds both at once.</param>
    public void Start(int statusCode, IHeaderDictionary headers, ReadOnlySpan<byte> bytes = default)
    {
        StatusCode = statusCode;
        Headers = headers;
        _expectedBytes = Key.Mode == FlightMode.Object ? headers.ContentLength : null;
        if (!bytes.IsEmpty)
        {
            _buffer.Expect(_expectedBytes ?? 0);
            Append(bytes);
        }

        SignalStart();
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_expectedBytes == _buffer.Length + bytes.Length)
        {
            lock (_lock)
            {
                _hasAllBytes = true;
            }
        }

        _buffer.Append(bytes);
        if (!_isOutgrown && _buffer.Length > _maxBytes)
        {
            _isOutgrown = true;
            _buffer.StopKeeping();
        }
    }

    /// <summary>All bytes are there.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isOver = true;
        }

        SignalStart();
        _buffer.Complete();
    }

    /// <summary>There will be no more bytes, though the answer is not whole.</summary>
    public void Break()
    {
        lock (_lock)
        {
            _isBroken |= !_isOver;
        }

        Complete();
    }

    private void SignalStart()
    {
        _started.Come();
        _startedForFirst.Come();
    }

    internal void Land() => _landed.Come();

    public void Settle()
    {
        _settled.Come();
        _settledForLeader.Come();
    }

    /// <summary>The next bytes for one reader; empty: wait, or all is read when there is nothing to wait for.</summary>
    internal ReadOnlyMemory<byte> Read(ReplayBuffer.Cursor cursor, out Task? wait) => _buffer.Read(cursor, out wait);

    /// <summary>The reader is so far behind an answer that outgrew its room that it would hold all of it in memory.</summary>
    internal bool HasFallenBehind(ReplayBuffer.Cursor cursor) => _isOutgrown && _buffer.Length - cursor.Position > _maxBytes;

    public void Dispose() => _stop.Dispose();
}
