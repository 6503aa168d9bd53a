using System.Text;
using System.Text.Json.Nodes;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Fingerprint.Fields;

namespace CacheProxy.Tests.Fingerprint;

/// <summary>No field of any specification is forgotten, and each does in the fingerprint what its class says.</summary>
public class RequestFieldTests
{
    public static TheoryData<Dialect> Dialects => new(RequestFieldList.Dialects);

    public static TheoryData<Dialect, bool> Forms => new(
        from dialect in RequestFieldList.Dialects
        from share in new[] { true, false }
        select new TheoryDataRow<Dialect, bool>(dialect, share));

    [Theory]
    [MemberData(nameof(Dialects))]
    public void EveryField_OfTheSpecification_HasARuleOfItsClass(Dialect dialect)
    {
        FieldTable table = TableOf(dialect);
        foreach (RequestFieldList.Field field in RequestFieldList.Of(dialect).Fields)
        {
            int index = table.Find(Encoding.UTF8.GetBytes(field.Name));
            Assert.True(index >= 0, field.Name);
            Assert.True(table[index].IsIrrelevant != field.IsIn, field.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void EveryRule_IsInTheList(Dialect dialect)
        => Assert.Empty(TableOf(dialect).Rules.Select(rule => Encoding.UTF8.GetString(rule.Name)).Except(RequestFieldList.Of(dialect).Fields.Select(field => field.Name)));

    [Theory]
    [MemberData(nameof(Forms))]
    public void EveryValue_OfAFieldThatCounts_IsAnotherRequest(Dialect dialect, bool share)
    {
        var list = RequestFieldList.Of(dialect);
        FingerprintHarness sut = Harness(dialect, share);
        foreach (RequestFieldList.Field field in list.Fields.Where(field => field.IsIn))
        {
            string[] bodies = [list.Base.ToJsonString(), .. field.Values.Select(value => list.With(field.Name, value))];
            Fingerprint256[] all = [.. bodies.Select(body => sut.Of(body))];
            Assert.True(all.Distinct().Count() == all.Length, field.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void EveryValue_OfAFieldThatDoesNotCount_IsTheSameRequest(Dialect dialect, bool share)
    {
        var list = RequestFieldList.Of(dialect);
        FingerprintHarness sut = Harness(dialect, share);
        Fingerprint256 without = sut.Of(list.Base.ToJsonString());
        foreach (RequestFieldList.Field field in list.Fields)
        {
            foreach (JsonNode? value in field.IsIn ? field.Absent : field.Values)
            {
                Assert.True(without == sut.Of(list.With(field.Name, value)), $"{field.Name}: {value?.ToJsonString()}");
            }

            if (!list.Base.ContainsKey(field.Name))
            {
                Assert.True(without == sut.Of(list.With(field.Name, null)), $"{field.Name}: null");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void UnknownFields_AlwaysCount(Dialect dialect)
    {
        var list = RequestFieldList.Of(dialect);
        var sut = new FingerprintHarness { Dialect = dialect };
        string[] bodies =
        [
            list.Base.ToJsonString(), list.With("x", null), list.With("x", false), list.With("x", 0), list.With("x", ""), list.With("y", null), list.With("Temperature", 1),
            list.With("x", new JsonArray()), list.With("x", new JsonObject()),
        ];

        Assert.Equal(bodies.Length, bodies.Select(body => sut.Of(body)).Distinct().Count());
    }

    private static FingerprintHarness Harness(Dialect dialect, bool share) => new() { Dialect = dialect, Options = new ExactOptions { ShareDialects = share } };

    private static FieldTable TableOf(Dialect dialect) => dialect switch
    {
        Dialect.OpenAIChat => ChatFields.Table,
        Dialect.OpenAICompletions => CompletionsFields.Table,
        Dialect.OpenAIResponses => ResponsesFields.Table,
        _ => MessagesFields.Table,
    };
}
