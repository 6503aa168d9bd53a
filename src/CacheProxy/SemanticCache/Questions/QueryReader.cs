using System.Text.RegularExpressions;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Fingerprint;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache.Questions;

/// <summary>
/// Says what of a request is compared by its meaning and what exactly: the first is a query's text, the second its partition. By default the text is
/// the last user turn. A template takes a question out of it; with <c>Semantic:Context</c> <c>similar</c> the earlier turns leave the partition, to
/// be judged one by one. Safe to call from many threads.
/// </summary>
public sealed class QueryReader(Fingerprinter fingerprinter, IOptionsMonitor<SemanticOptions> options, IOptionsMonitor<ExactOptions> exact)
{
    private volatile Tuple<string[], PromptTemplates> _templates = Tuple.Create(Array.Empty<string>(), PromptTemplates.None);

    /// <summary>False: there is nothing to compare, nor to say about it.</summary>
    public static bool Concerns(RequestFacts facts) => facts.LastUserText is not null || facts.HasToolResults || facts.HasNonTextContent;

    /// <param name="exchange">Its body must be there.</param>
    public SemanticQuery Read(ExchangeFeature exchange)
    {
        SemanticQuery query = SemanticQuery.From(exchange) with { Unfit = UnfitOf(exchange.Facts) };
        SemanticOptions current = options.CurrentValue;
        if (query.Unfit != SemanticReason.None || query.Text is null || query.Wish.IsOff || !current.IsAnyOn)
        {
            return query;
        }

        try
        {
            return Split(WithContext(query, exchange, current), TemplatesOf(current.Templates));
        }
        catch (RegexMatchTimeoutException)
        {
            return query with { Unfit = SemanticReason.TemplateTimeout };
        }
    }

    private static SemanticReason UnfitOf(RequestFacts facts) => facts switch
    {
        { HasToolResults: true } => SemanticReason.ToolResults,
        { HasNonTextContent: true } => SemanticReason.NonTextContent,
        _ => SemanticReason.None,
    };

    private SemanticQuery WithContext(SemanticQuery query, ExchangeFeature exchange, SemanticOptions current)
        => current.Context == SemanticOptions.SimilarContext && exchange.Facts.MessageCount > 1
            && fingerprinter.ReadConversation(exchange, exact.CurrentValue) is { } conversation && EarlierTurns.AreJudgeable(conversation.Earlier)
            ? query with { Partition = conversation.Partition, Earlier = conversation.Earlier }
            : query;

    // Of the earlier questions, too, only the question is compared in other words; their passages are in the partition.
    private static SemanticQuery Split(SemanticQuery query, PromptTemplates templates)
    {
        var surroundings = new SurroundingsDigest(query.Partition);
        ConversationTurn[] earlier = [.. query.Earlier.Select(turn => turn.IsQuestion ? turn with { Text = QuestionOf(turn.Text, templates, surroundings) } : turn)];
        string text = QuestionOf(query.Text!, templates, surroundings);
        return query with { Partition = surroundings.Derive(), Text = text, Earlier = earlier };
    }

    private static string QuestionOf(string prompt, PromptTemplates templates, SurroundingsDigest surroundings)
    {
        if (!templates.TrySplit(prompt, out PromptSplit split))
        {
            surroundings.AddNone();
            return prompt;
        }

        surroundings.Add(split);
        return split.Question;
    }

    private PromptTemplates TemplatesOf(string[] patterns)
    {
        Tuple<string[], PromptTemplates> known = _templates;
        if (!ReferenceEquals(known.Item1, patterns))
        {
            // Settings are replaced whole when they are loaded anew.
            _templates = known = Tuple.Create(patterns, new PromptTemplates(patterns));
        }

        return known.Item2;
    }
}
