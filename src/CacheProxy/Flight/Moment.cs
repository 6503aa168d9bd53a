namespace CacheProxy.Flight;

/// <summary>Something that comes once. Its task is made for the first who waits: most moments of most flights are waited for by nobody. Not to be copied.</summary>
/// <param name="options">How those who wait go on.</param>
internal struct Moment(TaskCreationOptions options)
{
    private static readonly object s_come = new();

    private object? _state;

    public readonly bool HasCome => ReferenceEquals(Volatile.Read(in _state), s_come);

    public Task Task
    {
        get
        {
            object? state = Volatile.Read(ref _state);
            if (state is null)
            {
                var fresh = new TaskCompletionSource(options);
                state = Interlocked.CompareExchange(ref _state, fresh, null) ?? fresh;
            }

            return state is TaskCompletionSource waited ? waited.Task : Task.CompletedTask;
        }
    }

    /// <summary>Once or several times.</summary>
    public void Come() => (Interlocked.Exchange(ref _state, s_come) as TaskCompletionSource)?.TrySetResult();
}
