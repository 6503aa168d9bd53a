namespace CacheProxy.Stores.Resilience;

/// <param name="Value">The result when <see cref="Succeeded"/>, else the default.</param>
/// <param name="Error">What it threw, for the outcomes that are not success.</param>
public readonly record struct CallResult<T>(CallOutcome Outcome, T? Value, Exception? Error)
{
    public bool Succeeded => Outcome == CallOutcome.Succeeded;
}
