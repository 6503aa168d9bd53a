namespace CacheProxy.TestKit;

/// <summary>What was answered in which round, and when each round's process was killed: tells whether a lost answer was one of the last second's.</summary>
/// <remarks>A client may read its answer after the kill: the bytes had left before. Its round is the one in which it asked, not the one in which it read.</remarks>
public sealed class KillLedger(TimeProvider clock)
{
    private static readonly TimeSpan LastSecond = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly List<(string Question, int Round, long Answered)> _answered = [];
    private readonly List<long> _kills = [];

    /// <summary>The round that runs; it ends with <see cref="Killed"/>.</summary>
    public int Round
    {
        get
        {
            lock (_lock)
            {
                return _kills.Count;
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _answered.Count;
            }
        }
    }

    public IReadOnlyList<string> Questions
    {
        get
        {
            lock (_lock)
            {
                return [.. _answered.Select(item => item.Question)];
            }
        }
    }

    /// <param name="round">As it was when the question was asked.</param>
    public void Answered(string question, int round)
    {
        lock (_lock)
        {
            _answered.Add((question, round, clock.GetTimestamp()));
        }
    }

    public void Killed()
    {
        lock (_lock)
        {
            _kills.Add(clock.GetTimestamp());
        }
    }

    /// <summary>The question at that place was answered within the second before its round's kill, or after it.</summary>
    public bool IsOfTheLastSecond(int place)
    {
        lock (_lock)
        {
            (_, int round, long answered) = _answered[place];
            return clock.GetElapsedTime(answered, _kills[round]) < LastSecond;
        }
    }
}
