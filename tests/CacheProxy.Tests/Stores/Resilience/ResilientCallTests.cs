using CacheProxy.Stores.Resilience;
using CacheProxy.TestKit;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Stores.Resilience;

public sealed class ResilientCallTests
{
    private static readonly ResilienceOptions Options = new() { Budget = TimeSpan.FromMilliseconds(40) };

    private readonly FakeTimeProvider _time = new();
    private readonly RecordedLog<ResilientCall> _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_Answers_GivesItsValue()
    {
        ResilientCall call = CreateSut();

        CallResult<int> result = await call.TryAsync(20, static (state, _) => ValueTask.FromResult(state + 1), Cancellation);

        Assert.Equal((CallOutcome.Succeeded, 21), (result.Outcome, result.Value));
        Assert.Equal(new CallCounts(1, 0, 0, 0), call.Counts);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Call_AnswersLater_GivesItsValue()
    {
        var answer = new TaskCompletionSource<int>();
        Task<CallResult<int>> pending = Start(CreateSut(), answer.Task);
        _time.Advance(TimeSpan.FromMilliseconds(39));
        Assert.False(pending.IsCompleted);

        answer.SetResult(5);

        Assert.Equal(5, (await pending).Value);
    }

    [Fact]
    public async Task Call_Throws_IsAFailureNotAnException()
    {
        ResilientCall call = CreateSut();

        CallResult<int> result = await FailAsync(call);
        CallResult<int> atOnce = await call.TryAsync<int, int>(0, static (_, _) => throw new InvalidOperationException("now"), Cancellation);

        Assert.Equal((CallOutcome.Failed, "refused"), (result.Outcome, result.Error?.Message));
        Assert.Equal((CallOutcome.Failed, "now"), (atOnce.Outcome, atOnce.Error?.Message));
        Assert.Equal(new CallCounts(0, 2, 0, 0), call.Counts);
    }

    [Fact]
    public async Task Call_IgnoresCancellation_ReturnsAtTheEndOfTheBudget()
    {
        ResilientCall call = CreateSut();
        var never = new TaskCompletionSource<int>();
        Task<CallResult<int>> pending = Start(call, never.Task);

        _time.Advance(TimeSpan.FromMilliseconds(40));

        Assert.Equal(CallOutcome.TimedOut, (await pending.WaitAsync(TimeSpan.FromSeconds(10), Cancellation)).Outcome);
        Assert.Equal(new CallCounts(0, 0, 1, 0), call.Counts);
    }

    [Fact]
    public async Task Call_FailsAfterTheBudget_LeavesNoUnobservedError()
    {
        int unobserved = 0;
        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs args)
            => unobserved += args.Exception.InnerException is InvalidDataException ? 1 : 0;

        TaskScheduler.UnobservedTaskException += OnUnobserved;
        try
        {
            await TimeOutAndFailLaterAsync();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= OnUnobserved;
        }

        Assert.Equal(0, unobserved);
    }

    [Fact]
    public async Task PatientCall_HasTheLongerBudget()
    {
        ResilientCall call = CreateSut();
        var never = new TaskCompletionSource<int>();
        Task<CallResult<int>> pending = call.TryPatientlyAsync(
            never.Task, static (task, _) => new ValueTask<int>(task), Cancellation).AsTask();

        _time.Advance(TimeSpan.FromMilliseconds(1999));
        Assert.False(pending.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(CallOutcome.TimedOut, (await pending.WaitAsync(TimeSpan.FromSeconds(10), Cancellation)).Outcome);
    }

    [Fact]
    public async Task CallerCancels_Throws_AndIsNoFault()
    {
        ResilientCall call = CreateSut();
        using var caller = new CancellationTokenSource();
        var never = new TaskCompletionSource<int>();
        Task<CallResult<int>> pending = call.TryAsync(never.Task, static (task, _) => new ValueTask<int>(task), caller.Token).AsTask();

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Start(call, Task.FromResult(1), caller.Token));
        Assert.Equal(default, call.Counts);
    }

    [Fact]
    public async Task Call_CancelsItself_IsAFault()
    {
        ResilientCall call = CreateSut();

        CallResult<int> result = await Start(call, Task.FromException<int>(new TaskCanceledException("HTTP time-out")));

        Assert.Equal(CallOutcome.Failed, result.Outcome);
    }

    [Fact]
    public async Task Failures_OpenTheBreaker_WhichRecoversByItself()
    {
        ResilientCall call = CreateSut();
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(CallOutcome.Failed, (await FailAsync(call)).Outcome);
        }

        Assert.Equal(CallOutcome.Rejected, (await SucceedAsync(call)).Outcome);
        Assert.False(call.IsHealthy);
        _time.Advance(Options.BreakDuration);
        Assert.Equal(CallOutcome.Failed, (await FailAsync(call)).Outcome);
        Assert.Equal(CallOutcome.Rejected, (await SucceedAsync(call)).Outcome);
        _time.Advance(Options.BreakDuration);
        Assert.Equal(CallOutcome.Succeeded, (await SucceedAsync(call)).Outcome);
        Assert.Equal(CallOutcome.Succeeded, (await SucceedAsync(call)).Outcome);

        Assert.True(call.IsHealthy);
        Assert.Equal(new CallCounts(2, 5, 0, 2), call.Counts);
        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Levels);
        Assert.Contains("store", _log.Lines[0].Text);
        Assert.Contains("refused", _log.Lines[0].Text);
    }

    [Fact]
    public async Task HalfOpen_LetsOneCallThrough()
    {
        ResilientCall call = CreateSut();
        for (int i = 0; i < 4; i++)
        {
            await FailAsync(call);
        }

        _time.Advance(Options.BreakDuration);
        var answer = new TaskCompletionSource<int>();
        Task<CallResult<int>> probe = Start(call, answer.Task);
        CallResult<int> beside = await SucceedAsync(call);
        answer.SetResult(1);

        Assert.Equal(CallOutcome.Rejected, beside.Outcome);
        Assert.True((await probe).Succeeded);
        Assert.True((await SucceedAsync(call)).Succeeded);
    }

    [Fact]
    public async Task ThinTraffic_ThreeFaultsInARow_AreLoggedOnce()
    {
        ResilientCall call = CreateSut();
        for (int i = 0; i < 6; i++)
        {
            await FailAsync(call);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([LogLevel.Warning], _log.Levels);
        await SucceedAsync(call);
        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Levels);
    }

    [Fact]
    public async Task SingleFaults_AmongSuccesses_AreNotLogged()
    {
        ResilientCall call = CreateSut();
        for (int i = 0; i < 10; i++)
        {
            await FailAsync(call);
            await SucceedAsync(call);
            await SucceedAsync(call);
            await SucceedAsync(call);
        }

        Assert.Empty(_log.Lines);
    }

    private async Task TimeOutAndFailLaterAsync()
    {
        var late = new TaskCompletionSource<int>();
        Task<CallResult<int>> pending = Start(CreateSut(), late.Task);
        _time.Advance(TimeSpan.FromMilliseconds(40));
        await pending;
        late.SetException(new InvalidDataException("late"));
    }

    private static Task<CallResult<int>> Start(ResilientCall call, Task<int> answer, CancellationToken? cancellation = null)
        => call.TryAsync(answer, static (task, _) => new ValueTask<int>(task), cancellation ?? Cancellation).AsTask();

    private static Task<CallResult<int>> FailAsync(ResilientCall call)
        => Start(call, Task.FromException<int>(new InvalidOperationException("refused")));

    private static Task<CallResult<int>> SucceedAsync(ResilientCall call) => Start(call, Task.FromResult(1));

    private ResilientCall CreateSut() => new("store", Options, _time, _log);
}
