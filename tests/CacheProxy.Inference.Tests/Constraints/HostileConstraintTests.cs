using System.Diagnostics;
using System.Text;
using CacheProxy.Inference.Constraints;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Sampling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Constraints;

/// <summary>Short requests that would cost a lot: refused, or served in bounded time and memory.</summary>
public sealed class HostileConstraintTests
{
    private readonly ConstraintFactory _factory = new(new ByteVocabulary());

    public static TheoryData<string, string> Refused() => new()
    {
        { $"{{\"enum\":[{string.Join(',', Enumerable.Range(0, 1001))}]}}", "enum" },
        { $"{{\"properties\":{{{string.Join(',', Enumerable.Range(0, 1001).Select(i => $"\"p{i}\":{{}}"))}}}}}", "properties" },
        { $"{{\"properties\":{{\"{new string('a', 100_000)}\":{{}}}},\"additionalProperties\":{{}}}}", "properties" },
        { "{\"const\":\"" + new string('a', 300_000) + "\"}", "" },
        { string.Concat(Enumerable.Repeat("{\"items\":", 120)) + "{}" + new string('}', 120), string.Join('.', Enumerable.Repeat("items", 100)) },
        { "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"anyOf\":[{\"$ref\":\"#/$defs/b\"},{\"$ref\":\"#/$defs/a\"},{\"type\":\"null\"}]},\"b\":{\"anyOf\":[{\"$ref\":\"#/$defs/a\"},{\"$ref\":\"#/$defs/b\"},{\"type\":\"null\"}]}}}", "" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void JsonSchema_BeyondTheLimits_IsRefusedWithItsPath(string schema, string path)
        => Assert.Equal(path, Assert.Throws<ConstraintException>(() => _factory.JsonSchema(schema)).Path);

    [Fact]
    public void OneOf_TooManyTexts_IsRefused()
        => Assert.Throws<ConstraintException>(() => _factory.OneOf([.. Enumerable.Range(0, 1001).Select(i => $"{i}")]));

    [Theory]
    [InlineData("((a{0,1000}){0,1000}){0,1000}")]
    [InlineData("((((((a?b?c?){0,9}){0,9}){0,9}){0,9}){0,9}){0,9}")]
    public void Regex_TooManyWaysToBegin_IsRefused(string pattern)
        => Assert.Contains("too many ways", Assert.Throws<ConstraintException>(() => _factory.Regex(pattern)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a((a{0,1000}){0,1000}){0,1000}")]
    [InlineData("(a|aa|aaa|aaaa|aaaaa|aaaaaa){1,2000}b")]
    [InlineData("a((((((a?b?c?){0,9}){0,9}){0,9}){0,9}){0,9}){0,9}")]
    public void Regex_AmbiguousWithoutEnd_EndsItsOwnRequestBeforeItHoldsUpOthers(string pattern)
    {
        ITokenConstraint constraint = _factory.Regex(pattern);
        for (int request = 0; request < 2; request++)
        {
            long start = Stopwatch.GetTimestamp();
            ITokenConstraintState state = constraint.Start();
            var error = Assert.Throws<ConstraintException>(() =>
            {
                for (int i = 0; i < 2000; i++)
                {
                    Assert.True(Allows(state, 'a'));
                    state.Advance('a');
                }
            });

            Assert.Contains("too ambiguous", error.Message, StringComparison.Ordinal);

            // Followed in full the ways are counted in millions per byte.
            Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 10);
        }
    }

    [Fact]
    public void JsonSchema_AThousandValues_AreAllThere()
    {
        string[] values = [.. Enumerable.Range(0, 1000).Select(i => $"value number {i * 7919} of many")];
        ITokenConstraint constraint = _factory.JsonSchema($"{{\"enum\":[{string.Join(',', values.Select(value => $"\"{value}\""))}]}}");

        Assert.All(values, value => Accepts(constraint, $"\"{value}\""));
    }

    [Fact]
    public void JsonSchema_AThousandOptionalProperties_AreAllThere()
    {
        ITokenConstraint constraint = _factory.JsonSchema(
            $"{{\"properties\":{{{string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"p{i}\":{{\"type\":\"boolean\"}}"))}}}}}");

        Accepts(constraint, "{\"p0\":true,\"p999\":false}");
        Accepts(constraint, "{\"p500\":true}");
        Accepts(constraint, "{\"p999\":true}");
        Accepts(constraint, "{}");
    }

    private static void Accepts(ITokenConstraint constraint, string text)
    {
        ITokenConstraintState state = constraint.Start();
        foreach (byte next in Encoding.UTF8.GetBytes(text))
        {
            Assert.True(Allows(state, next), text);
            state.Advance(next);
        }

        Assert.True(Allows(state, ByteVocabulary.EndOfTurn), text);
    }

    private static bool Allows(ITokenConstraintState state, int token) => TokenMask.Contains(state.Allowed(), token);
}
