using System.Text.Json;
using CacheProxy.Inference.Constraints;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.TestKit;
using CacheProxy.Inference.Tests.Constraints;
using CacheProxy.Inference.Tools;

namespace CacheProxy.Inference.Tests.Tools;

public sealed class ToolCallGrammarTests
{
    private static readonly ToolFunction[] Functions =
    [
        new("weather", """{"type":"object","properties":{"city":{"type":"string","maxLength":10}},"required":["city"],"additionalProperties":false}"""),
        new("now", null),
    ];

    public static TheoryData<string, bool> Formats() => new() { { "hermes", true }, { "hermes", false }, { "llama3_json", true }, { "mistral", true } };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Create_WhateverTheModelWrites_AreCallsThatTheReaderFinds(string name, bool isParallel)
    {
        ToolCallFormat format = new[] { ToolCallFormat.Hermes, ToolCallFormat.Llama, ToolCallFormat.Mistral }.Single(format => format.Name == name);
        ITokenConstraint constraint = ToolCallGrammar.Create(new ConstraintFactory(new ByteVocabulary()), format, Functions, isParallel);
        var writer = new RandomWriter(new ByteVocabulary(), 9);
        int several = 0;
        for (int i = 0; i < 40; i++)
        {
            string? answer = writer.Write(constraint, 4000, endBias: 0);
            Assert.NotNull(answer);
            var reader = new ToolCallReader(format, Functions.Select(function => function.Name));
            ToolCallEvent[] events = [.. reader.Append(answer), .. reader.Complete()];

            Assert.DoesNotContain(events, item => item.Kind == ToolCallEventKind.Content);
            Assert.True(isParallel ? reader.Calls >= 1 : reader.Calls == 1);
            several += reader.Calls > 1 ? 1 : 0;
            foreach (ToolCallEvent arguments in events.Where(item => item.Kind == ToolCallEventKind.Arguments))
            {
                using JsonDocument document = JsonDocument.Parse(arguments.Text);
                Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
            }
        }

        Assert.Equal(isParallel, several > 0);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("true")]
    public void Create_SchemaThatSaysNothing_StillDemandsAnObject(string parameters)
    {
        ITokenConstraint constraint = ToolCallGrammar.Create(
            new ConstraintFactory(new ByteVocabulary()), ToolCallFormat.Hermes, [new("add \"ü\" 🌍", parameters)], isParallel: false);
        var writer = new RandomWriter(new ByteVocabulary(), 4);
        string[] answers = [.. Enumerable.Range(0, 60).Select(_ => writer.Write(constraint, 4000, endBias: 3)).OfType<string>()];
        Assert.NotEmpty(answers);
        foreach (string answer in answers)
        {
            var reader = new ToolCallReader(ToolCallFormat.Hermes, ["add \"ü\" 🌍"]);
            ToolCallEvent[] events = [.. reader.Append(answer), .. reader.Complete()];
            Assert.Equal([ToolCallEventKind.Call, ToolCallEventKind.Arguments], events.Select(item => item.Kind));
            Assert.StartsWith("{", events[1].Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Create_SchemaThatCannotBeHeld_NamesTheFunctionsPlace()
    {
        var refusal = Assert.Throws<ConstraintException>(() => ToolCallGrammar.Create(
            new ConstraintFactory(new ByteVocabulary()), ToolCallFormat.Hermes, [.. Functions, new("bad", """{"properties":{"a":{"not":{}}}}""")], isParallel: false));

        Assert.Equal("[2].function.parameters.properties.a.not", refusal.Path);
    }
}
