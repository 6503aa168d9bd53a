using System.Diagnostics;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Flight;
using CacheProxy.Observability.Tracing;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Record;

namespace CacheProxy.Embeddings;

/// <summary>
/// Sends a flight's inputs upstream, apart from the client that asked first, and makes an entry of each vector of an answer that fits. One
/// task per flight; it always ends with the flight completed and out of the table.
/// </summary>
internal sealed partial class EmbeddingRunner(
    EmbeddingFlights flights, EntryBatches tiers, EntryFactory factory, IServiceProvider services, IHostApplicationLifetime lifetime,
    ILogger<EmbeddingRunner> logger)
{
    private const string Json = "application/json";

    /// <param name="exchange">Of the client; the flight gets its own.</param>
    /// <param name="batch">That the flight's inputs belong to.</param>
    /// <param name="isWhole">The flight is all of the request: it goes as it came.</param>
    /// <param name="next">The rest of the pipeline.</param>
    public void Start(HttpContext client, ExchangeFeature exchange, EmbeddingBatch batch, EmbeddingFlight flight, bool isWhole, RequestDelegate next)
    {
        exchange.KeepBody();
        ReadOnlyMemory<byte> body = isWhole ? exchange.Body : batch.BodyOf(exchange.Body.Span, flight.Inputs);
        ExchangeFeature part = exchange.ForPart(body, flight.Fingerprints[0]);
        part.Capture = flight.Answer;
        flight.Answer.LeaderSpan = Activity.Current?.Context ?? default;
        HttpContext context = DetachedContext.Create(client, part, flight.Answer, services);
        context.Request.Headers.Remove("Transfer-Encoding");
        context.Request.ContentLength = body.Length;
        int[] weights = [.. flight.Inputs.Select(input => batch.Inputs[input].Weight)];
        _ = RunAsync(context, part, flight, weights, batch.Dimensions, next);
    }

    private async Task RunAsync(HttpContext context, ExchangeFeature part, EmbeddingFlight flight, int[] weights, int? dimensions, RequestDelegate next)
    {
        // Away from the leader's thread: it has others' flights to wait for.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using Activity? span = part.Origin == default ? null : ProxySpans.StartApart(ProxySpans.Background, part.Origin);
        bool mayStore = part.Flags.AllowStore;
        try
        {
            await next(context);
            await context.Response.CompleteAsync();
            flight.Answer.Leader.Refusal ??= part.Refusal;
            Bill(flight.Answer.Leader, part);
            // Denied on the way: a fall-back's model answered. Its vectors may stand beside no others.
            if (mayStore == part.Flags.AllowStore)
            {
                await RecordAsync(context, part, flight, weights, dimensions);
            }
        }
        catch (OperationCanceledException) when (flight.Answer.Stopped.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            flight.Answer.Break();
        }
        catch (Exception exception)
        {
            Log.Failed(logger, part.Fingerprint.ToShortString(), exception);
            await FailAsync(context, flight.Answer);
        }
        finally
        {
            CallSpan.End(part);
            flight.Fail();
            flight.Answer.Settle();
            flights.Remove(flight);
        }
    }

    // Before anybody is told that the flight has ended. A request whose part was refused asks for the whole again: it pays for both.
    private static void Bill(ExchangeFeature leader, ExchangeFeature part)
    {
        leader.Usage = leader.Served is null ? part.Usage : leader.Usage + part.Usage;
        leader.Served = part.Served ?? leader.Served;
        leader.BilledModel = part.BilledModel;
        leader.MachineSeconds = part.MachineSeconds is { } seconds ? (leader.MachineSeconds ?? 0) + seconds : leader.MachineSeconds;
        leader.UpstreamSeconds += part.UpstreamSeconds;
    }

    private async Task RecordAsync(HttpContext context, ExchangeFeature part, EmbeddingFlight flight, int[] weights, int? dimensions)
    {
        if (part.UpstreamError is not null || flight.Answer.IsBroken)
        {
            Log.NotRecorded(logger, part.Fingerprint.ToShortString(), context.Response.StatusCode, RecordResult.NotOk);
            return;
        }

        using Activity? span = part.Flags.AllowStore ? ProxySpans.Start(ProxySpans.Record) : null;
        RecordResult result = Read(context.Response, flight, weights.Length, dimensions, out EmbeddingAnswer? answer);
        span?.SetTag(SpanTags.RecordResult, result.ToTag());
        if (answer is null)
        {
            Log.NotRecorded(logger, part.Fingerprint.ToShortString(), context.Response.StatusCode, result);
            return;
        }

        CacheEntry[] entries = MakeEntries(part, flight, answer, TokenShares.Of(answer.Tokens, weights));
        flight.Succeed(entries);
        if (part.Flags.AllowStore)
        {
            await tiers.StoreAsync(entries, part.PurgeMark, lifetime.ApplicationStopped);
        }
    }

    private static RecordResult Read(HttpResponse response, EmbeddingFlight flight, int inputs, int? dimensions, out EmbeddingAnswer? answer)
    {
        answer = null;
        if (response.StatusCode != StatusCodes.Status200OK)
        {
            return RecordResult.NotOk;
        }

        if (response.Headers.ContentEncoding.Count > 0 || response.ContentType?.StartsWith(Json, StringComparison.OrdinalIgnoreCase) != true)
        {
            return RecordResult.UnknownForm;
        }

        answer = EmbeddingAnswerReader.TryRead(flight.Answer.Bytes, inputs, dimensions);
        return answer is null ? RecordResult.Malformed : RecordResult.Recorded;
    }

    private CacheEntry[] MakeEntries(ExchangeFeature part, EmbeddingFlight flight, EmbeddingAnswer answer, int[] tokens)
    {
        // Whose tags belong to which input is not kept apart: a purge takes a few too many.
        part.Joined = flight.Answer.Leader.Joined;
        // The call's time is all inputs' together.
        part.UpstreamSeconds /= tokens.Length;
        part.MachineSeconds /= tokens.Length;
        string model = answer.Model ?? part.Facts.Model;
        var entries = new CacheEntry[tokens.Length];
        for (int i = 0; i < entries.Length; i++)
        {
            StoredVector.SetTokens(answer.Bodies[i], tokens[i]);
            entries[i] = factory.MakePart(part, flight.Fingerprints[i], new CanonicalAnswer
            {
                UpstreamId = "",
                Model = model,
                CreatedUnixSeconds = part.AnsweredAt.ToUnixTimeSeconds(),
                Events = [],
                Tokens = tokens[i] < 0 ? TokenCounts.Unknown : new TokenCounts(tokens[i], 0),
                Body = new RecordedBody(Dialect.OpenAIEmbeddings, false, false, StoredVector.ContentType, answer.Bodies[i]),
            });
        }

        return entries;
    }

    private static async Task FailAsync(HttpContext context, SharedAnswer answer)
    {
        if (answer.HasStarted)
        {
            answer.Break();
            return;
        }

        await ErrorReply.WriteAsync(context, RequestError.Internal("The proxy failed while it made the answer."));
        answer.Complete();
    }

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Error, "The embedding flight of {Fingerprint} failed", EventName = "EmbeddingFlightFailed")]
        public static partial void Failed(ILogger logger, string fingerprint, Exception exception);

        [LoggerMessage(1002, LogLevel.Debug, "The embeddings of {Fingerprint} are not stored: {Result}, status {Status}", EventName = "EmbeddingsNotRecorded")]
        public static partial void NotRecorded(ILogger logger, string fingerprint, int status, RecordResult result);
    }
}
