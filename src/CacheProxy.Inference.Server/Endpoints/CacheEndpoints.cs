using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Server.Answers;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol;
using CacheProxy.Protocol.OpenAI;
using Microsoft.AspNetCore.Http.Features;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary>
/// <c>/v1/cache/stats</c>, <c>/reset</c>, <c>/explain</c> and <c>/pin</c>: the prefix cache's operator at the backend's own address.
/// A request that carries a tenant's salt header came through a proxy for that tenant, and finds nothing here.
/// </summary>
internal sealed class CacheEndpoints(ServedModels models)
{
    private static readonly TimeSpan DefaultPinTtl = TimeSpan.FromHours(1);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/cache/stats", (RequestDelegate)StatsAsync);
        routes.MapPost("/v1/cache/reset", (RequestDelegate)ResetAsync);
        routes.MapPost("/v1/cache/explain", (RequestDelegate)ExplainAsync);
        routes.MapPost("/v1/cache/pin", (RequestDelegate)PinAsync);
    }

    private async Task StatsAsync(HttpContext context)
    {
        RefuseTenants(context);
        ChatModel model = ModelOf(context.Request.Query["model"]);
        CacheStats stats = await AskAsync(() => model.Engine.Cache.GetStatsAsync()).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, ToAnswer(model.Id, stats), CacheJson.Default.CacheStatsAnswer).ConfigureAwait(false);
    }

    private async Task ResetAsync(HttpContext context)
    {
        RefuseTenants(context);
        bool hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } && context.Request.ContentLength != 0;
        CacheRequest request = hasBody ? await JsonBody.ReadAsync<CacheRequest>(context, CacheRequest.TryParse).ConfigureAwait(false) : new CacheRequest();
        ChatModel model = ModelOf(request.Model);
        int freed = await AskAsync(() => model.Engine.Cache.ResetAsync(request.Salt)).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, new CacheResetAnswer(model.Id, freed), CacheJson.Default.CacheResetAnswer).ConfigureAwait(false);
    }

    private async Task ExplainAsync(HttpContext context)
    {
        RefuseTenants(context);
        CacheRequest request = await JsonBody.ReadAsync<CacheRequest>(context, CacheRequest.TryParse).ConfigureAwait(false);
        ChatModel model = ModelOf(request.Model);
        int[] prompt = Encode(request, model);
        CacheExplanation explanation = await AskAsync(() => model.Engine.Cache.ExplainAsync(request.Salt ?? "", prompt)).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, ToAnswer(model.Id, explanation), CacheJson.Default.CacheExplainAnswer).ConfigureAwait(false);
    }

    private async Task PinAsync(HttpContext context)
    {
        RefuseTenants(context);
        CacheRequest request = await JsonBody.ReadAsync<CacheRequest>(context, CacheRequest.TryParse).ConfigureAwait(false);
        ChatModel model = ModelOf(request.Model);
        int[] prompt = Encode(request, model);
        TimeSpan ttl = request.Ttl ?? DefaultPinTtl;
        (PinOutcome outcome, int pinned) = await AskAsync(
            () => model.Engine.Cache.PinAsync(request.Salt ?? "", prompt, ttl, context.RequestAborted)).ConfigureAwait(false);
        if (outcome != PinOutcome.Pinned)
        {
            throw new RequestErrorException(outcome == PinOutcome.OverBudget
                ? new RequestError("The pins' share of the KV pool is used up.", null, "pin_budget_exceeded", StatusCodes.Status409Conflict)
                : RequestError.InvalidValue(PromptParamOf(request), "the prompt is shorter than one KV block."));
        }

        await JsonAnswer.WriteAsync(
            context, new CachePinAnswer(model.Id, prompt.Length, pinned, ttl.TotalSeconds), CacheJson.Default.CachePinAnswer).ConfigureAwait(false);
    }

    private static void RefuseTenants(HttpContext context)
    {
        if (context.Request.Headers.ContainsKey(HeaderNames.Salt))
        {
            throw new RequestErrorException(RequestError.NotFound(context.Request.Method, context.Request.Path.Value ?? ""));
        }
    }

    private ChatModel ModelOf(string? id)
    {
        if (!string.IsNullOrEmpty(id))
        {
            return models.Get<ChatModel>(id);
        }

        return models.GetCatalog().Models.OfType<ChatModel>().ToList() is [var only]
            ? only
            : throw new RequestErrorException(RequestError.Missing("model"));
    }

    private static int[] Encode(CacheRequest request, ChatModel model)
    {
        try
        {
            int[] prompt = request switch
            {
                { Messages: { } messages } => model.Prompts.EncodeChat(messages, request.Tools),
                { Prompt: { } input } => input.Tokens ?? model.Prompts.EncodeText(input.Text ?? ""),
                _ => throw new RequestErrorException(RequestError.Missing("prompt")),
            };
            return prompt.Length > 0 ? prompt : throw new RequestErrorException(RequestError.InvalidValue("prompt", "the prompt is empty."));
        }
        catch (PromptException refusal)
        {
            throw new RequestErrorException(RequestError.InvalidValue(PromptParamOf(request), refusal.Message));
        }
    }

    private static string PromptParamOf(CacheRequest request) => request.Messages is null ? "prompt" : "messages";

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (RequestRefusedException refusal)
        {
            throw new RequestErrorException(Refusals.ToError(refusal, "prompt"));
        }
    }

    private static CacheStatsAnswer ToAnswer(string model, CacheStats stats) => new(
        model,
        new CachePoolAnswer(stats.BlockTokens, stats.BlockBytes, stats.Free, stats.Cached, stats.Leased, stats.Pinned, stats.Pins, stats.Salts),
        new CacheTierAnswer(stats.Tiers.RamBlocks, stats.Tiers.RamBlocks * stats.BlockBytes, stats.Tiers.RamHitTokens),
        new CacheTierAnswer(stats.Tiers.DiskBlocks, stats.Tiers.DiskBlocks * stats.BlockBytes, stats.Tiers.DiskHitTokens),
        new CacheTotalsAnswer(
            stats.QueriedTokens, stats.HitTokens, stats.Evicted, stats.Tiers.SpilledBlocks, stats.Tiers.DroppedBlocks, stats.Tiers.DamagedBlocks,
            stats.Tiers.DeclinedLoads, stats.Remembered));

    private static CacheExplainAnswer ToAnswer(string model, CacheExplanation explained) => new(
        model, explained.PromptTokens, explained.CachedTokens, explained.PoolTokens, explained.RamTokens, explained.DiskTokens, explained.PinnedTokens,
        explained.Reason == DivergenceReason.None ? null : new CacheDivergenceAnswer(
            explained.CachedTokens, NameOf(explained.Reason), explained.EvictedAgo?.TotalSeconds, explained.TextBefore, explained.TextAfter,
            explained.CachedInstead.Length > 0 ? explained.CachedInstead : null));

    private static string NameOf(DivergenceReason reason) => reason switch
    {
        DivergenceReason.Evicted => "evicted",
        DivergenceReason.OtherTenant => "other_tenant",
        _ => "never_seen",
    };
}
