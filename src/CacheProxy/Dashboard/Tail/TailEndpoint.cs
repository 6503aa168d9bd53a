using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Dashboard.Figures;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Protocol.OpenAI;
using Microsoft.AspNetCore.Http.Features;

namespace CacheProxy.Dashboard.Tail;

/// <summary><c>GET /dashboard/api/tail</c>: requests as they are answered, as server-sent events.</summary>
internal sealed class TailEndpoint(TailObserver observer, AdminGate gate, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private const int LongestName = 256;

    // Rows of one write: under load many come in one packet.
    private const int WrittenAtOnce = 100;

    // Proxies in between close what is silent for a minute.
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(15);

    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        var reader = new TailReader(ReadFilter(fields));
        if (fields.Finish() is { } error)
        {
            await DashboardHttp.WriteAsync(context, error);
            return;
        }

        if (!observer.TryAdd(reader))
        {
            await DashboardHttp.WriteAsync(context, RequestError.Unavailable($"{TailObserver.MostReaders} are looking on already."));
            return;
        }

        // The server waits for open requests before it stops; this one has no end of its own.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await WriteAsync(context, reader, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Who looked on has gone, or we have.
        }
        finally
        {
            observer.Remove(reader);
        }
    }

    private async Task WriteAsync(HttpContext context, TailReader reader, CancellationToken cancellationToken)
    {
        DashboardHttp.Protect(context.Response);
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        // For nginx, which would collect it.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var output = new MemoryStream();
        long toldDropped = 0;
        output.Write(": open\n\n"u8);
        while (true)
        {
            await FlushAsync(context.Response, output, cancellationToken);
            if (!await HasMoreAsync(reader, cancellationToken))
            {
                // A session that has ended in the meantime sees no more.
                if (gate.Judge(context).Role == AdminRole.None)
                {
                    return;
                }

                output.Write(": pulse\n\n"u8);
                continue;
            }

            for (int i = 0; i < WrittenAtOnce && reader.Rows.TryRead(out LedgerRow row); i++)
            {
                Write(output, "row"u8, ToView(row), DashboardJson.Default.TailRowView);
            }

            if (reader.Dropped is var dropped && dropped > toldDropped)
            {
                toldDropped = dropped;
                Write(output, "dropped"u8, new TailDroppedView(dropped), DashboardJson.Default.TailDroppedView);
            }
        }
    }

    // False: nothing came for a while.
    private async Task<bool> HasMoreAsync(TailReader reader, CancellationToken cancellationToken)
    {
        using var pulse = new CancellationTokenSource(Pulse, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, pulse.Token);
        try
        {
            return await reader.Rows.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task FlushAsync(HttpResponse response, MemoryStream output, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(output.GetBuffer().AsMemory(0, (int)output.Length), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
        output.SetLength(0);
    }

    private static void Write<T>(MemoryStream output, ReadOnlySpan<byte> name, T view, JsonTypeInfo<T> type)
    {
        output.Write("event: "u8);
        output.Write(name);
        output.Write("\ndata: "u8);
        JsonSerializer.Serialize(output, view, type);
        output.Write("\n\n"u8);
    }

    private static Func<LedgerRow, bool> ReadFilter(JsonFields fields)
    {
        string? tenant = fields.Text("tenant", LongestName), model = fields.Text("model", LongestName);
        string? upstream = fields.Text("upstream", LongestName, mayBeEmpty: true), route = fields.Text("route", LongestName, mayBeEmpty: true);
        string? space = fields.Text("namespace", LongestName, mayBeEmpty: true);
        CacheOutcome? outcome = FiguresQueryReader.ReadName<CacheOutcome>(fields, "outcome");
        LedgerWork? work = FiguresQueryReader.ReadName<LedgerWork>(fields, "work");
        var filter = new LedgerFilter(DateTimeOffset.MinValue, DateTimeOffset.MaxValue)
        {
            Tenant = tenant,
            Model = model,
            Upstream = upstream,
            Route = route,
            Namespace = space,
            Outcome = outcome,
            Work = work,
        };
        return row => filter.Matches(row);
    }

    private static TailRowView ToView(in LedgerRow row) => new(
        row.Time, row.Work.ToTag(), row.Requests, row.Tenant, row.User, row.Model, row.Upstream, row.Route, row.Namespace, row.Dialect.ToTag(),
        row.Outcome.ToTag(), row.Reason == BypassReason.None ? null : row.Reason.ToTag(), row.Status,
        Known(row.IsSaving ? row.Saved.Prompt : row.Usage.Prompt), Known(row.IsSaving ? row.Saved.Completion : row.Usage.Completion), Known(row.Usage.CachedRead),
        row.Paid?.Nanodollars, row.Avoided?.Nanodollars, row.Overhead.Nanodollars, Known(row.FirstByteSeconds), Known(row.TotalSeconds), Known(row.MissSeconds),
        row.EntryId, row.PrefixId, row.Similarity > 0 ? Math.Round(row.Similarity, 4) : null, row.IsPartPriced);

    private static long? Known(long count) => count < 0 ? null : count;

    private static double? Known(double seconds) => seconds < 0 ? null : seconds;
}
