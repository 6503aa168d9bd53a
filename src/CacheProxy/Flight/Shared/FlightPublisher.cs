using System.Buffers;
using CacheProxy.Exchange;
using Microsoft.Extensions.Options;

namespace CacheProxy.Flight.Shared;

/// <summary>
/// Writes an answer under way to the log that other proxies read. One more reader of the <see cref="SharedAnswer"/>: it slows nobody, and a
/// slow log gets fewer, larger pieces. As long as another proxy waits, so does this reader, and the answer goes on.
/// </summary>
public sealed partial class FlightPublisher(IOptionsMonitor<FlightOptions> options, TimeProvider clock, ILogger<FlightPublisher> logger)
{
    private const int MostAtOnce = 256 * 1024;

    /// <summary>Begins to publish; ends by itself with the answer.</summary>
    internal void Start(SharedAnswer answer, ISharedFlightLog log)
    {
        // Attached before the pipeline runs: nothing is missed, and nobody can be the last to leave in between.
        if (answer.TryAttach() is { } cursor)
        {
            _ = RunAsync(answer, cursor, log);
        }
    }

    private async Task RunAsync(SharedAnswer answer, ReplayBuffer.Cursor cursor, ISharedFlightLog log)
    {
        bool isReading = true;
        try
        {
            bool isPublished = await PublishAsync(answer, cursor, log);
            // What follows, storing the answer, needs no reader; one more would keep an answer that everybody left.
            answer.Detach();
            isReading = false;
            if (isPublished && await HoldUntilLandedAsync(answer, log))
            {
                await log.ReleaseAsync(Hold(answer), answer.Leader.Recorded is not null);
            }
            else
            {
                await log.ReleaseAsync(TimeSpan.Zero, hasLanded: false);
            }
        }
        catch (Exception exception)
        {
            // The lease ends by itself; until then the others wait for a sign, and then help themselves.
            Log.Stopped(logger, answer.Key.Fingerprint.ToShortString(), exception.Message);
        }
        finally
        {
            if (isReading)
            {
                answer.Detach();
            }
        }
    }

    /// <summary>False: nobody is left to write for, the lease is lost, or the answer is too large to be shared.</summary>
    private async Task<bool> PublishAsync(SharedAnswer answer, ReplayBuffer.Cursor cursor, ISharedFlightLog log)
    {
        if (!await WaitAsync(answer.Started, answer, log))
        {
            return false;
        }

        if (answer.Leader.Outcome == CacheOutcome.Semantic || answer.Leader.Refusal is not null)
        {
            // Whether another question's answer is good enough each client says for itself, and each has budgets of its own.
            return false;
        }

        var frames = new ArrayBufferWriter<byte>();
        FlightFrame.WriteHead(frames, log.Token, answer.Leader.Sender, answer.StatusCode, answer.IncludesUsage, answer.Headers);
        while (true)
        {
            Task? wait;
            ReadOnlyMemory<byte> bytes;
            while (!(bytes = answer.Read(cursor, out wait)).IsEmpty && frames.WrittenCount < MostAtOnce)
            {
                FlightFrame.WriteBody(frames, bytes.Span);
            }

            if (!bytes.IsEmpty)
            {
                FlightFrame.WriteBody(frames, bytes.Span);
            }

            if (cursor.Position > options.CurrentValue.MaxSharedBytes || answer.HasFallenBehind(cursor))
            {
                return false;
            }

            bool isEnd = bytes.IsEmpty && wait is null;
            if (isEnd)
            {
                FlightFrame.WriteEnd(frames, !answer.IsCut, cursor.Position);
            }

            if (frames.WrittenCount > 0)
            {
                if (!await log.AppendAsync(frames.WrittenMemory, CancellationToken.None))
                {
                    return false;
                }

                frames.ResetWrittenCount();
            }

            if (isEnd)
            {
                return true;
            }

            if (wait is not null && !await WaitAsync(wait, answer, log))
            {
                return false;
            }
        }
    }

    private async Task<bool> HoldUntilLandedAsync(SharedAnswer answer, ISharedFlightLog log)
    {
        while (!await IsDoneAsync(answer.Landed))
        {
            if (!await log.AppendAsync(ReadOnlyMemory<byte>.Empty, CancellationToken.None))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> WaitAsync(Task task, SharedAnswer answer, ISharedFlightLog log)
    {
        while (!await IsDoneAsync(task))
        {
            bool isAlone = answer.Waiters == 1;
            if ((isAlone && !await log.HasFollowersAsync(CancellationToken.None)) || !await log.AppendAsync(ReadOnlyMemory<byte>.Empty, CancellationToken.None))
            {
                return false;
            }
        }

        return true;
    }

    // False: it is time to renew the lease.
    private async Task<bool> IsDoneAsync(Task task)
    {
        if (task.IsCompleted)
        {
            return true;
        }

        try
        {
            await task.WaitAsync(TimeSpan.FromMilliseconds(options.CurrentValue.LeaseMilliseconds / 4.0), clock);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private TimeSpan Hold(SharedAnswer answer)
        => answer.IsFailure && !answer.Stopped.IsCancellationRequested ? TimeSpan.FromMilliseconds(options.CurrentValue.FailureHoldMilliseconds) : TimeSpan.Zero;

    private static partial class Log
    {
        [LoggerMessage(411, LogLevel.Debug, "The flight of {Fingerprint} is no longer shared with other proxies: {Cause}", EventName = "SharingStopped")]
        public static partial void Stopped(ILogger logger, string fingerprint, string cause);
    }
}
