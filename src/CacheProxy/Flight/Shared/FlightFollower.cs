using System.Buffers;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using Microsoft.Extensions.Options;

namespace CacheProxy.Flight.Shared;

/// <summary>
/// Reads another proxy's answer from its log into this proxy's <see cref="SharedAnswer"/>, as it comes. Where that ends early and no byte
/// has reached a client, this proxy makes the answer itself; a client that has a part of it is cut, and never gets a part of another.
/// </summary>
public sealed partial class FlightFollower(IOptionsMonitor<FlightOptions> options, TimeProvider clock, ILogger<FlightFollower> logger)
{
    /// <returns>False: nothing of the answer was given to anybody.</returns>
    internal async Task<bool> TryFollowAsync(SharedAnswer answer, ISharedFlightLog log)
    {
        CancellationToken stopped = answer.Stopped;
        var wake = new Wake();
        var reading = new Reading(answer, log.Token);
        long lastNews = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await using IAsyncDisposable subscription = await log.SubscribeAsync(wake.Set, stopped);
                while (await ReadAsync(log, reading, stopped))
                {
                    lastNews = clock.GetTimestamp();
                    // A lost call, or a leader that is gone, shows when it is time to look by itself.
                    await wake.WaitAsync(Lease / 4, clock, stopped);
                }

                return reading.IsTaken;
            }
            catch (OperationCanceledException) when (stopped.IsCancellationRequested)
            {
                // Everybody here has left.
                answer.Break();
                return true;
            }
            catch (Exception exception)
            {
                // One who has got nothing yet is better served by the upstream than by waiting; one who has a part waits for the rest.
                if (!answer.HasStarted || exception is InvalidDataException || clock.GetElapsedTime(lastNews) > Lease)
                {
                    Log.Failed(logger, answer.Key.Fingerprint.ToShortString(), exception.Message);
                    return GiveUp(answer);
                }

                await Task.Delay(Lease / 10, clock, CancellationToken.None);
            }
        }
    }

    private TimeSpan Lease => TimeSpan.FromMilliseconds(options.CurrentValue.LeaseMilliseconds);

    /// <summary>Takes what there is; false: there will be no more.</summary>
    private static async Task<bool> ReadAsync(ISharedFlightLog log, Reading reading, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadOnlyMemory<byte> bytes = await log.ReadAsync(reading.Position, cancellationToken);
            if (bytes.IsEmpty)
            {
                if (await log.IsHeldAsync(cancellationToken))
                {
                    return true;
                }

                // It may have ended between the two questions.
                bytes = await log.ReadAsync(reading.Position, cancellationToken);
                if (bytes.IsEmpty)
                {
                    reading.IsTaken = GiveUp(reading.Answer);
                    return false;
                }
            }

            if (!reading.Take(bytes))
            {
                return false;
            }
        }
    }

    private static bool GiveUp(SharedAnswer answer)
    {
        if (answer.HasStarted)
        {
            answer.Break();
        }

        return answer.HasStarted;
    }

    /// <summary>Set before or while somebody waits; waiting takes it back.</summary>
    private sealed class Wake
    {
        private TaskCompletionSource _set = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Set() => Volatile.Read(ref _set).TrySetResult();

        public async Task WaitAsync(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
        {
            try
            {
                await _set.Task.WaitAsync(limit, clock, cancellationToken);
                Volatile.Write(ref _set, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }
            catch (TimeoutException)
            {
                // Not set: it still stands for the next to wait.
            }
        }
    }

    private sealed class Reading(SharedAnswer answer, Guid token)
    {
        private byte[] _rest = [];
        private long _bodyBytes;

        public SharedAnswer Answer => answer;

        public long Position { get; private set; }

        /// <summary>The answer's clients were given something, if only the start of it.</summary>
        public bool IsTaken { get; set; }

        /// <summary>False: that was the end, or this flight lacks what was asked for.</summary>
        public bool Take(ReadOnlyMemory<byte> bytes)
        {
            Position += bytes.Length;
            ReadOnlyMemory<byte> all = _rest.Length == 0 ? bytes : (byte[])[.. _rest, .. bytes.Span];
            while (FlightFrame.TryRead(ref all, out FlightFrameType type, out ReadOnlyMemory<byte> payload))
            {
                if (!Take(type, payload))
                {
                    return false;
                }
            }

            _rest = all.ToArray();
            return true;
        }

        private bool Take(FlightFrameType type, ReadOnlyMemory<byte> payload)
        {
            if (type == FlightFrameType.Head == answer.HasStarted)
            {
                throw new InvalidDataException("The frames of a shared flight are out of order.");
            }

            switch (type)
            {
                case FlightFrameType.Head:
                    return TryStart(payload);
                case FlightFrameType.Body:
                    answer.Append(payload.Span);
                    _bodyBytes += payload.Length;
                    return true;
                default:
                    End(payload);
                    return false;
            }
        }

        private bool TryStart(ReadOnlyMemory<byte> payload)
        {
            (Fingerprint256 sender, int status, bool includesUsage, IHeaderDictionary headers) = FlightFrame.ReadHead(payload.Span, token);
            if (SharedAnswer.IsRefusal(status) && sender != answer.Leader.Sender)
            {
                return false;
            }

            if (answer.Leader.Facts.IncludesUsage && !includesUsage && status == StatusCodes.Status200OK)
            {
                return false;
            }

            answer.Leader.UsageWasAdded = includesUsage;
            answer.Leader.Outcome = CacheOutcome.Collapsed;
            answer.Start(status, headers);
            return IsTaken = true;
        }

        // Another proxy paid: what that spared its followers here is in the answer itself.
        private static TokenCounts UsageOf(SharedAnswer answer)
        {
            if (answer.IsBroken || answer.StatusCode != StatusCodes.Status200OK || answer.Headers.ContentEncoding.Count > 0)
            {
                return TokenCounts.Unknown;
            }

            var body = new RecordedBody(answer.Key.Dialect, answer.IsReadableStream, answer.IncludesUsage, answer.Headers.ContentType.ToString(), answer.Bytes.ToArray());
            return AnswerReaders.TryRead(body)?.Tokens ?? TokenCounts.Unknown;
        }

        private void End(ReadOnlyMemory<byte> payload)
        {
            (bool isWhole, long bodyBytes) = FlightFrame.ReadEnd(payload.Span);
            if (isWhole && bodyBytes == _bodyBytes)
            {
                answer.Leader.Usage = UsageOf(answer);
                answer.Complete();
            }
            else
            {
                answer.Break();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(412, LogLevel.Debug, "Another proxy's flight of {Fingerprint} cannot be followed any more: {Cause}", EventName = "FollowingFailed")]
        public static partial void Failed(ILogger logger, string fingerprint, string cause);
    }
}
