using System.Text.Json;
using CacheProxy.Inference.Templates;
using CacheProxy.Inference.Templates.Jinja;
using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Templates;

public sealed class JinjaTemplateTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 3, 7, 9, 5, 2, TimeSpan.Zero));

    [Theory]
    [InlineData("{{ 1 + 2 * 3 }} {{ (1 + 2) * 3 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }}", "7 9 3 -4 2 3.5 1024")]
    [InlineData("{{ 1 < 2 < 3 }} {{ 1 < 2 > 3 }} {{ 1 == 1.0 }} {{ true and not false }} {{ none or 'x' }}", "True False True True x")]
    [InlineData("{{ 'a' ~ 1 ~ none }} {{ 'ab' * 3 }} {{ 'b' in 'abc' }} {{ 3 not in [1, 2] }} {{ 'k' in {'k': 1} }}", "a1None ababab True True True")]
    [InlineData("{{ 'yes' if messages else 'no' }}{{ 'never' if false }}", "yes")]
    [InlineData("{{ [1, 'two', 3.0, none, true, {'a': 'it\\'s'}] }}", "[1, 'two', 3.0, None, True, {'a': \"it's\"}]")]
    [InlineData("{{ 'a\\nb\\t\\u00e9\\x41' }}", "a\nb\té" + "A")]
    [InlineData("{{ 'one' 'two' }}{{ \"it's\" }}", "onetwoit's")]
    [InlineData("{{ [1,2,3][-1] }}{{ [1,2,3][1:] }}{{ 'hello'[1:-1] }}{{ 'hello'[::-1] }}{{ [1,2,3,4][::2] }}{{ 'a😀b'[1] }}", "3[2, 3]ellolleh[1, 3]😀")]
    public void Render_Expressions_FollowPython(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{{ '  x '.strip() }}|{{ '  x '.rstrip() }}|{{ 'xxaxx'.strip('x') }}|{{ '##a'.lstrip('#') }}", "x|  x|a|a")]
    [InlineData("{{ 'a,b,c'.split(',') }}{{ 'a b  c'.split() }}{{ 'a,b,c'.split(',', 1)[1] }}{{ 'a,b,c'.rsplit(',', 1)[0] }}{{ 'x</t>y'.split('</t>')[-1] }}", "['a', 'b', 'c']['a', 'b', 'c']b,ca,by")]
    [InlineData("{{ 'abc'.startswith('ab') }}{{ 'abc'.endswith(('x', 'c')) }}{{ 'aXb'.lower() }}{{ 'ab'.upper() }}{{ 'hello world'.title() }}{{ 'hELLO'.capitalize() }}", "TrueTrueaxbABHello WorldHello")]
    [InlineData("{{ 'aaa'.replace('a', 'b', 2) }}{{ 'abc'.find('c') }}{{ ','.join(['x', 'y']) }}{{ 'abab'.count('ab') }}{{ 'prefix-x'.removeprefix('prefix-') }}", "bba2x,y2x")]
    [InlineData("{{ {'a': 1}.items() }}{{ {'a': 1}.get('b', 7) }}{{ {'a': 1}.keys() | list }}{{ {'a': 1}.values() | list }}{{ {'a': {'b': 2}}.a.b }}", "[['a', 1]]7['a'][1]2")]
    public void Render_Methods_FollowPython(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{{ '  x ' | trim }}{{ [1,2] | length }}{{ missing | default('d') }}{{ '' | default('e', true) }}{{ 'aB' | upper | lower }}", "x2deab")]
    [InlineData("{{ [3,1,2] | sort | join('-') }}{{ [1,2] | first }}{{ [1,2] | last }}{{ [1,1,2] | unique | list }}{{ 'abc' | reverse }}{{ [1,2,3] | sum }}", "1-2-312[1, 2]cba6")]
    [InlineData("{{ messages | map(attribute='role') | join(',') }}", "system,user")]
    [InlineData("{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | first }}", "Hi")]
    [InlineData("{{ messages | rejectattr('role', '==', 'user') | list | length }}{{ [0, 1, 2] | select | list }}{{ [1, 2, 3] | select('odd') | list }}{{ [1, 2, 3] | reject('in', [2]) | list }}", "1[1, 2][1, 3][1, 3]")]
    [InlineData("{{ ['a', 'b'] | map('upper') | join }}", "AB")]
    [InlineData("{{ '12' | int + 1 }}{{ '1.5' | float }}{{ -3 | abs }}{{ 3.7 | round }}{{ 5 | string ~ '!' }}", "131.534.05!")]
    [InlineData("{{ 'a\\nb\\n\\nc' | indent(2) }}|{{ 'x' | indent(2, true) }}", "a\n  b\n\n  c|  x")]
    [InlineData("{{ {'b': 1, 'a': 2} | dictsort }}{{ {'a': 1} | items | list }}{{ '<&>' | e }}", "[['a', 2], ['b', 1]][['a', 1]]&lt;&amp;&gt;")]
    [InlineData("{{ {'a': [1, 2.0, true, none], 'é\"': 'x<y\\n'} | tojson }}", "{\"a\": [1, 2.0, true, null], \"é\\\"\": \"x<y\\n\"}")]
    [InlineData("{{ {'a': [1], 'b': {}} | tojson(indent=2) }}", "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}")]
    [InlineData("{{ {'b': 'é', 'a': 1} | tojson(ensure_ascii=true, sort_keys=true, separators=(',', ':')) }}", "{\"a\":1,\"b\":\"\\u00e9\"}")]
    public void Render_Filters_FollowJinja(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{{ missing is defined }}{{ messages is defined }}{{ none is none }}{{ missing is none }}{{ 'x' is string }}{{ messages[0] is mapping }}", "FalseTrueTrueFalseTrueTrue")]
    [InlineData("{{ messages is iterable }}{{ messages is sequence }}{{ 1 is number }}{{ 4 is even }}{{ 9 is divisibleby 3 }}{{ true is true }}{{ 1 is not string }}", "TrueTrueTrueTrueTrueTrueTrue")]
    [InlineData("{{ 1 is eq 1 }}{{ 2 is gt(1) }}{{ 'a' is in ['a'] }}{{ not missing is defined }}{{ missing is undefined and true }}", "TrueTrueTrueTrueTrue")]
    public void Render_Tests_FollowJinja(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{% for m in messages %}{{ loop.index }}{{ loop.first }}{{ loop.last }}{{ m.role }};{% endfor %}", "1TrueFalsesystem;2FalseTrueuser;")]
    [InlineData("{% for i in range(5) if i != 2 %}{{ i }}{{ loop.index0 }}{{ loop.revindex0 }} {% endfor %}", "003 112 321 430 ")]
    [InlineData("{% for i in [] %}x{% else %}none{% endfor %}{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{% endfor %}", "nonea1b2")]
    [InlineData("{% for i in range(9) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}", "023")]
    [InlineData("{% for i in range(3) %}{{ loop.cycle('a', 'b') }}{{ loop.previtem is defined }}{{ loop.nextitem }}{% endfor %}", "aFalse1bTrue2aTrue")]
    [InlineData("{% set x = 1 %}{% for i in range(3) %}{% set x = i %}{% endfor %}{{ x }}", "1")]
    [InlineData("{% set ns = namespace(x=1) %}{% for i in range(3) %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}", "4")]
    [InlineData("{% set a, b = 1, 'z' %}{{ a }}{{ b }}{% set c %}in {{ a }}{% endset %}{{ c | upper }}", "1zIN 1")]
    [InlineData("{% if false %}a{% elif missing %}b{% elif 1 %}c{% else %}d{% endif %}", "c")]
    [InlineData("{% macro greet(name, mark='!') %}Hi {{ name }}{{ mark }}{% endmacro %}{{ greet('A') }}{{ greet('B', mark='?') }}", "Hi A!Hi B?")]
    [InlineData("{% macro f(n) %}{% if n %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "321")]
    [InlineData("{% generation %}x{% endgeneration %}{% raw %}{{ not }}{% endraw %}{# gone #}", "x{{ not }}")]
    [InlineData("{{ strftime_now('%d %b %Y, %-d/%m %H:%M') }}", "07 Mar 2026, 7/03 09:05")]
    [InlineData("{{ bos_token }}{{ eos_token }}{{ tools is none }}{{ add_generation_prompt }}{{ extra.deep[0] }}", "<s></s>TrueTrue5")]
    public void Render_Statements_FollowJinja(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("a\n  {% if true %}\n  b\n  {% endif %}\nc", "a\n  b\nc")]
    [InlineData("a  {%- if true -%}  b  {%- endif -%}  c", "abc")]
    [InlineData("a {{- ' x ' -}} b", "a x b")]
    [InlineData("  {{ 1 }}\n  {# comment #}\n{{ 2 }}\n", "  1\n2")]
    [InlineData("x\n  {%+ if true %}y{% endif +%}\nz", "x\n  y\nz")]
    [InlineData("x {% if true %} y{% endif %}", "x  y")]
    [InlineData("\r\n{% if true %}\r\na\r\n{% endif %}\r\n", "\na\n")]
    [InlineData("{{ {'a': {'b': 1}}['a']['b'] }}{{ {'a': 1}}}", "1{'a': 1}")]
    [InlineData("{{ 'a\n' }}\n\nb", "a\n\n\nb")]
    public void Render_WhiteSpace_IsTreatedAsTransformersDoes(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("a\n{% if %}", 2)]
    [InlineData("{% if true %}\n\nx", 1)]
    [InlineData("{% for x of y %}{% endfor %}", 1)]
    [InlineData("\n\n{{ 'open }}", 3)]
    [InlineData("{{ 1", 1)]
    [InlineData("{# open", 1)]
    [InlineData("{{ a ? b }}", 1)]
    [InlineData("\n{% include 'x' %}", 2)]
    [InlineData("{% endif %}", 1)]
    [InlineData("{% break %}", 1)]
    [InlineData("{{ f(a=1, 2) }}", 1)]
    public void Parse_MalformedTemplate_NamesTheLine(string template, int line)
    {
        var error = Assert.Throws<JinjaException>(() => ChatTemplate.Parse(template));

        Assert.Equal(line, error.Line);
        Assert.Contains($"line {line}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n{{ missing.name }}", "missing")]
    [InlineData("\n{{ 1 + 'a' }}", "'+'")]
    [InlineData("\n{{ 1 // 0 }}", "zero")]
    [InlineData("\n{{ 1 % 0 }}", "zero")]
    [InlineData("\n{{ 'a' < 1 }}", "order")]
    [InlineData("\n{{ [1] | sorted }}", "sorted")]
    [InlineData("\n{{ 1 is fun }}", "fun")]
    [InlineData("\n{{ none() }}", "called")]
    [InlineData("\n{{ range(10, 1, 0) }}", "step")]
    [InlineData("\n{% set x.y = 1 %}", "namespace")]
    [InlineData("\n{{ [2, 'a'] | sort }}", "order")]
    [InlineData("\n{{ 9223372036854775807 + 1 }}", "too large")]
    [InlineData("\n{% for a, b in [[1]] %}{% endfor %}", "names")]
    [InlineData("\n{{ raise_exception | tojson }}", "JSON")]
    public void Render_Fault_NamesTheLineAndTheCause(string template, string cause)
    {
        var error = Assert.Throws<JinjaException>(() => Render(template));

        Assert.Equal(2, error.Line);
        Assert.False(error.RaisedByTemplate);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_RaiseException_CarriesTheTemplatesOwnWords()
    {
        var error = Assert.Throws<JinjaException>(() => Render("{{ raise_exception('Roles must alternate') }}"));

        Assert.True(error.RaisedByTemplate);
        Assert.Equal("Roles must alternate", error.Message);
    }

    [Theory]
    [InlineData("{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}")]
    [InlineData("{{ 'x' * 100000000000 }}")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}")]
    [InlineData("{% set ns = namespace(x=[1, 2]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{{ range(99999999) }}")]
    [InlineData("{% set x = 'y' * 10000000 %}{% for i in range(99) %}{{ x }}{% endfor %}")]
    [InlineData("{{ ('a' * 9999999).replace('a', 'b' * 9999999) }}")]
    public void Render_Endless_EndsInAnError(string template) => Assert.Throws<JinjaException>(() => Render(template));

    [Fact]
    public void Parse_DeepNesting_EndsInAnError()
    {
        string deep = string.Concat(Enumerable.Repeat("(", 5000));

        Assert.Throws<JinjaException>(() => ChatTemplate.Parse("{{ " + deep));
        Assert.Throws<JinjaException>(() => ChatTemplate.Parse(string.Concat(Enumerable.Repeat("{% if 1 %}", 5000))));
        Assert.Throws<JinjaException>(() => ChatTemplate.Parse("{{ " + string.Concat(Enumerable.Repeat("-", 5000)) + "1 }}"));
        Assert.Throws<JinjaException>(() => ChatTemplate.Parse("{{ " + string.Concat(Enumerable.Repeat("not ", 5000)) + "1 }}"));
    }

    private static string Render(string template)
    {
        var input = new ChatTemplateInput
        {
            Messages = [new ChatMessage("system", "Be brief."), new ChatMessage("user", "Hi")],
            Variables = JsonDocument.Parse("""{"extra": {"deep": [5]}}""").RootElement,
        };
        return ChatTemplate.Parse(template, "<s>", "</s>", Clock).Render(input).Text;
    }
}
