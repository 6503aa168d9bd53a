using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Admin;

/// <summary>
/// <c>POST /admin/seed</c>: lines of <see cref="SeedLine"/>. All of them are read before one is stored: with a faulty line nothing is.
/// </summary>
internal sealed class SeedEndpoint(Seeder seeder, AuditLog audit)
{
    private const int MaxLineBytes = 16 << 20;
    private const int MaxLines = 10_000;
    private const int MaxFaults = 100;

    public async Task PostAsync(HttpContext context, string who)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        bool isDryRun = fields.Flag("dry_run") ?? false;
        if (fields.Finish() is { } error)
        {
            await ErrorReply.WriteAsync(context, error);
            return;
        }

        var seeds = new List<Seed>();
        List<LineFault> faults = await ReadAsync(context, seeds);
        RequestError? failure = null;
        if (faults.Count == 0 && !isDryRun)
        {
            failure = await StoreAsync(seeds, context.RequestAborted);
        }

        long seeded = faults.Count == 0 && failure is null ? seeds.Count : 0;
        audit.Write("seed", who, faults.Count == 0 ? "" : $"{faults.Count} faulty lines", seeded, isDryRun);
        await (failure is not null
            ? ErrorReply.WriteAsync(context, failure)
            : AdminHttp.WriteAsync(
                context, new SeedReply(isDryRun, seeded, faults), AdminJson.Default.SeedReply,
                faults.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest));
    }

    private async Task<List<LineFault>> ReadAsync(HttpContext context, List<Seed> seeds)
    {
        var faults = new List<LineFault>();
        try
        {
            await foreach ((long number, byte[] line) in JsonLines.ReadAsync(context.Request.BodyReader, MaxLineBytes, context.RequestAborted))
            {
                if (seeds.Count == MaxLines)
                {
                    faults.Add(new LineFault(number, null, $"More than {MaxLines} lines: send them in several calls."));
                    return faults;
                }

                if (seeder.Prepare(line, out RequestError? error) is { } seed)
                {
                    seeds.Add(seed);
                }
                else if (faults.Count < MaxFaults)
                {
                    faults.Add(new LineFault(number, error!.Param, error.Message));
                }
            }
        }
        catch (InvalidDataException exception)
        {
            faults.Add(new LineFault(0, null, exception.Message));
        }

        return faults;
    }

    private async Task<RequestError?> StoreAsync(List<Seed> seeds, CancellationToken cancellationToken)
    {
        foreach (Seed[] some in seeds.Chunk(EntryBook.SettleEvery))
        {
            foreach (Seed seed in some)
            {
                await seeder.StoreAsync(seed, cancellationToken);
            }

            if (!await seeder.SettleAsync(some[^1], cancellationToken))
            {
                return RequestError.Unavailable("The store does not take all that is seeded; see its log. Seeding again does no harm.");
            }
        }

        return null;
    }
}
