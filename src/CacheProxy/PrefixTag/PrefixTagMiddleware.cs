using CacheProxy.Exchange;
using CacheProxy.Exchange.Prompts;
using CacheProxy.Ledger.Findings;
using Microsoft.Extensions.Options;

namespace CacheProxy.PrefixTag;

/// <summary>
/// Step 6. Names the part of the prompt that the upstream may have computed before: sent upstream, returned to the client and kept in the entry. What comes here goes
/// upstream; once that is over, it is taken note of what kept the request from a hit.
/// </summary>
public sealed class PrefixTagMiddleware(RequestDelegate next, PrefixChain chain, FindingsRecorder findings, IOptionsMonitor<PrefixOptions> options)
{
    public async Task InvokeAsync(HttpContext context)
    {
        ExchangeFeature exchange = context.GetExchange();
        PrefixOptions current = options.CurrentValue;
        if (current.IsolateScopes && exchange.Route is { TakesSalt: true })
        {
            exchange.Salt = chain.Salt(exchange.Scope);
        }

        if (current.Enabled && exchange.Facts.MessageCount > 0)
        {
            PromptOutline outline = chain.Read(exchange);
            exchange.Outline = outline;
            exchange.PrefixId = outline.Prefix.IdText();
            if (exchange.Route is { TakesPromptKey: true })
            {
                // The longest prefix changes with every turn; what a provider routes by must stay through a conversation.
                exchange.PromptKey = outline.Boundaries.Length > 2 ? outline.Boundaries[1].IdText() : exchange.PrefixId;
            }
        }

        await next(context);
        findings.Settled(exchange);
    }
}
