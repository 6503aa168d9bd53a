namespace CacheProxy.TestKit;

/// <summary>What was there after the kill, of all that had been answered before it.</summary>
public sealed record KillResult
{
    public int Answered { get; init; }

    /// <summary>Gone, though answered more than a second before the kill.</summary>
    public int Lost { get; init; }

    public int LostOfTheLastSecond { get; init; }

    /// <summary>Answered with anything but the answer.</summary>
    public int Wrong { get; init; }
}
