using System.Diagnostics;
using System.Threading.Channels;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Scheduling;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Inference.Engine;

/// <summary>
/// The engine thread: takes sequences from the inbox, steps the scheduler while there is work, sleeps otherwise. The one
/// place where an unexpected exception is caught; it ends every request with an error and the engine turns unhealthy.
/// </summary>
internal sealed partial class EngineLoop
{
    private readonly Scheduler _scheduler;
    private readonly ChannelReader<IEngineWork> _inbox;
    private readonly int _maxFailuresInARow;
    private readonly CancellationToken _abort;
    private readonly IDisposable _runner;
    private readonly ILogger _logger;
    private readonly Snapshot<SchedulerCounts> _counts = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _failure;
    private int _state = (int)EngineState.Running;

    public EngineLoop(Scheduler scheduler, ChannelReader<IEngineWork> inbox, int maxFailuresInARow, IDisposable runner, ILogger logger, CancellationToken abort)
    {
        (_scheduler, _inbox, _maxFailuresInARow, _runner, _logger, _abort) = (scheduler, inbox, maxFailuresInARow, runner, logger, abort);
        _counts.Write(scheduler.Counts);
        new Thread(Run) { Name = "inference engine", IsBackground = true }.Start();
    }

    public EngineState State => (EngineState)Volatile.Read(ref _state);

    public string? Failure => _failure;

    public SchedulerCounts Counts => _counts.Read();

    /// <summary>Done when the thread has ended and the runner is disposed.</summary>
    public Task Completion => _completion.Task;

    public void BeginStop() => Interlocked.CompareExchange(ref _state, (int)EngineState.Stopping, (int)EngineState.Running);

    private void Run()
    {
        try
        {
            Serve();
        }
        catch (Exception bug)
        {
            TurnUnhealthy(bug);
            _scheduler.Abandon($"The engine has failed: {bug.Message}");
        }

        Finish();
    }

    private void Serve()
    {
        while (true)
        {
            TakeNew();
            if (_abort.IsCancellationRequested)
            {
                _scheduler.EndAll(FinishReason.Cancelled, null);
            }

            if (!_scheduler.HasWork)
            {
                CheckIntegrity();
                _counts.Write(_scheduler.Counts);
                if (!WaitForNew())
                {
                    return;
                }

                continue;
            }

            Step();
        }
    }

    private void Step()
    {
        int failures = _scheduler.FailuresInARow;
        _scheduler.Step();
        _counts.Write(_scheduler.Counts);
        if (_scheduler.FailuresInARow > failures)
        {
            Log.StepFailed(_logger, _scheduler.FailuresInARow, _scheduler.LastFailure!);
        }

        if (_scheduler.FailuresInARow >= _maxFailuresInARow)
        {
            TurnUnhealthy(_scheduler.LastFailure!);
            _scheduler.EndAll(FinishReason.Error, $"The engine has failed: {_failure}");
        }
    }

    private void TakeNew()
    {
        while (_inbox.TryRead(out IEngineWork? work))
        {
            if (State == EngineState.Unhealthy)
            {
                work.Refuse(_scheduler, $"The engine has failed: {_failure}");
                continue;
            }

            try
            {
                work.Accept(_scheduler);
            }
            catch (Exception bug)
            {
                // The scheduler may not have it yet, and then nobody else would answer it.
                work.Refuse(_scheduler, $"The engine has failed: {bug.Message}");
                throw;
            }
        }
    }

    /// <returns>False when nothing can come any more.</returns>
    private bool WaitForNew() => _inbox.WaitToReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private void TurnUnhealthy(Exception cause)
    {
        _failure = cause.Message;
        Volatile.Write(ref _state, (int)EngineState.Unhealthy);
        Log.EngineFailed(_logger, cause);
    }

    /// <summary>After a bug outside the runner the loop is gone; whoever still writes to the inbox gets an answer here.</summary>
    private void Finish()
    {
        while (State == EngineState.Unhealthy && WaitForNew())
        {
            TakeNew();
        }

        try
        {
            try
            {
                _scheduler.Dispose();
            }
            finally
            {
                _runner.Dispose();
            }

            Interlocked.CompareExchange(ref _state, (int)EngineState.Stopped, (int)EngineState.Stopping);
            _completion.SetResult();
        }
        catch (Exception failure)
        {
            _completion.SetException(failure);
        }
    }

    [Conditional("DEBUG")]
    private void CheckIntegrity() => _scheduler.Tree.CheckIntegrity();

    private static partial class Log
    {
        [LoggerMessage(1201, LogLevel.Warning, "The model failed at a step ({FailuresInARow} in a row); the step's requests ended with an error", EventName = "StepFailed")]
        public static partial void StepFailed(ILogger logger, int failuresInARow, Exception cause);

        [LoggerMessage(1202, LogLevel.Error, "The engine has failed and refuses requests from now on", EventName = "EngineFailed")]
        public static partial void EngineFailed(ILogger logger, Exception cause);
    }
}
