using System.Buffers;
using System.Globalization;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Policies;
using CacheProxy.Protocol;
using Microsoft.Extensions.Options;

namespace CacheProxy.Exchange.Replay;

/// <summary>
/// Answers a request with an entry, in the mode that the client asked for: the recorded bytes where the mode is the recorded one, else
/// the answer written anew. One write; with recorded bytes nothing is allocated but the headers' slots.
/// </summary>
public sealed class AnswerReplay(IOptionsMonitor<ExactOptions> options, TimeProvider clock)
{
    private const string Json = "application/json";
    private const string EventStream = "text/event-stream; charset=utf-8";

    /// <param name="outcome">Exact, Stale, Semantic or Collapsed.</param>
    /// <param name="similarity">Cosine; only for a semantic hit.</param>
    public Task WriteAsync(HttpContext context, ExchangeFeature exchange, CacheEntry entry, CacheOutcome outcome, float similarity = 0)
    {
        exchange.Outcome = outcome;
        exchange.Similarity = similarity;
        exchange.Answered = entry;
        RequestFacts facts = exchange.Facts;
        RecordedBody recorded = entry.Answer.Body;
        bool asRecorded = IsAsRecorded(exchange, recorded);
        bool tellsUsage = recorded.IsStream && recorded.IncludesUsage && !facts.IncludesUsage && AnswerWriters.HasUsageChunk(recorded.Dialect);
        ReadOnlyMemory<byte>[]? pieces = asRecorded && tellsUsage ? recorded.WithoutUsage : null;
        ReadOnlyMemory<byte> body = asRecorded ? recorded.Bytes : Convert(entry, exchange);
        HttpResponse response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = asRecorded ? recorded.ContentType : facts.IsStream ? EventStream : Json;
        exchange.AnswerBytes = pieces is null ? body.Length : LengthOf(pieces);
        response.ContentLength = exchange.AnswerBytes;
        WriteHeaders(response.Headers, exchange, entry);
        exchange.FirstByteTimestamp = clock.GetTimestamp();
        if (facts.IsStream && options.CurrentValue.ReplayTokensPerSecond is var rate and > 0)
        {
            return PacedReplay.WriteAsync(context, entry.Answer, pieces is null ? body : Join(pieces), rate, clock);
        }

        return pieces is null ? response.Body.WriteAsync(body, context.RequestAborted).AsTask() : WriteAsync(response, pieces, context.RequestAborted);
    }

    // Copied into the connection's own buffers; leaves in one write all the same.
    private static Task WriteAsync(HttpResponse response, ReadOnlyMemory<byte>[] pieces, CancellationToken cancellationToken)
    {
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            response.BodyWriter.Write(piece.Span);
        }

        return response.BodyWriter.FlushAsync(cancellationToken).AsTask();
    }

    private static long LengthOf(ReadOnlyMemory<byte>[] pieces)
    {
        long length = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            length += piece.Length;
        }

        return length;
    }

    private static byte[] Join(ReadOnlyMemory<byte>[] pieces)
    {
        var buffer = new ArrayBufferWriter<byte>((int)LengthOf(pieces));
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            buffer.Write(piece.Span);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Whether the request can be given this entry without a loss that its client would notice. False is a miss: the upstream then gives
    /// the answer in the form asked for.
    /// </summary>
    public static bool CanAnswer(ExchangeFeature exchange, CacheEntry entry)
    {
        if (IsAsRecorded(exchange, entry.Answer.Body))
        {
            return true;
        }

        // Which end was a stop sequence only Anthropic says: asked for by any, its clients may wait for that word.
        bool mayEndByWord = exchange.Dialect == Dialect.AnthropicMessages && entry.Answer.Body.Dialect != Dialect.AnthropicMessages
            && exchange.Body.Span.IndexOf("\"stop_sequences\""u8) >= 0;
        return !mayEndByWord && AnswerWriters.CanWrite(entry.Answer, exchange.Dialect, exchange.Facts.IsStream, exchange.Facts.IncludesUsage);
    }

    private static byte[] Convert(CacheEntry entry, ExchangeFeature exchange) => exchange.Facts.IsStream
        ? AnswerWriters.ToStream(entry.Answer, exchange.Dialect, exchange.Facts.IncludesUsage, exchange.Body)
        : AnswerWriters.ToObject(entry.Answer, exchange.Dialect, exchange.Body);

    private static bool IsAsRecorded(ExchangeFeature exchange, RecordedBody recorded)
        => recorded.Dialect == exchange.Dialect
            && recorded.IsStream == exchange.Facts.IsStream
            && (!recorded.IsStream || recorded.IncludesUsage || !exchange.Facts.IncludesUsage || !AnswerWriters.HasUsageChunk(recorded.Dialect));

    private void WriteHeaders(IHeaderDictionary headers, ExchangeFeature exchange, CacheEntry entry)
    {
        DateTimeOffset now = clock.GetUtcNow();
        exchange.RepliedAt = now;
        headers[HeaderNames.Entry] = entry.Id;
        if (entry.PrefixId is { } prefix)
        {
            headers[HeaderNames.Prefix] = prefix;
        }

        if (exchange.Outcome == CacheOutcome.Collapsed)
        {
            headers[HeaderNames.CacheStatus] = StatusHeader.Collapsed;
            return;
        }

        long age = entry.AgeSeconds(now);
        headers[HeaderNames.CacheStatus] = HitHeaders.Status(exchange.Outcome, exchange.Policy.TtlOf(entry) - age);
        headers.Age = HitHeaders.Age(age);
        if (exchange.Outcome == CacheOutcome.Semantic)
        {
            headers[HeaderNames.Similarity] = exchange.Similarity.ToString("F4", CultureInfo.InvariantCulture);
        }
    }
}
