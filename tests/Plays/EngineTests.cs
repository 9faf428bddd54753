using Parley.tests.Plays.Engine;

namespace Parley.tests.Plays;

/// <summary>A play that goes otherwise than written fails, and says where.</summary>
public sealed class EngineTests(EngineTests.Stage stage) : IClassFixture<EngineTests.Stage>
{
    private const string Ping = "ann/a connects\nann/a sends\n  <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>\nann/a ";

    [Theory]
    [InlineData("hears\n  <iq type='result' id='1'/>\nann/a hears nothing", null)]
    [InlineData("hears\n  <iq type='{$t}' id='*' from='!'/>\nann/a sends\n  <iq type='get' id='{$t}'><ping xmlns='urn:xmpp:ping'/></iq>\nann/a hears\n  <iq id='result'/>", null)]
    [InlineData("hears\n  <iq type='re{$end}'/>\nann/a sends\n  <iq type='get' id='{$end}'><ping xmlns='urn:xmpp:ping'/></iq>\nann/a hears\n  <iq id='sult' type='*s*t'/>", null)]
    [InlineData("hears\n  <iq type='error' id='1'/>", "x:4: ann/a hears: iq/@type: result in place of error")]
    [InlineData("hears\n  <iq type='!'/>", "iq/@type: result in place of !")]
    [InlineData("hears\n  <iq><ping xmlns='urn:xmpp:ping'/></iq>", "iq: no <ping xmlns='urn:xmpp:ping'/>")]
    [InlineData("hears\n  <message/>", "in place of <message")]
    [InlineData("hears\n  <iq type='re*x'/>", "iq/@type: result in place of re*x")]
    [InlineData("hears nothing", "heard <iq")]
    [InlineData("hears in any order\n  <iq id='1'/>\n  <iq id='2'/>", "nothing more came")]
    [InlineData("is cut off with conflict", "nothing more came")]
    [InlineData("writes\n  <a></b>\nann/a is cut off with conflict", "the stream ended otherwise")]
    [InlineData("dances", "nobody knows how to do that")]
    [InlineData("hears\n  <iq", "cut short")]
    public async Task A_play_fails_where_it_goes_otherwise(string rest, string? failure)
    {
        await using var performance = new Performance(Play.Read("x", Ping + rest), stage.Shared, new Cast()) { Patience = TimeSpan.FromSeconds(2) };

        var thrown = await Record.ExceptionAsync(() => performance.RunAsync(TestContext.Current.CancellationToken));

        if (failure is null) Assert.Null(thrown);
        else Assert.Contains(failure, Assert.IsType<PlayException>(thrown).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_must_not_be_there_is_looked_for()
    {
        var pattern = new Pattern(Fragments.Read("<message><not xmlns='urn:parley:play'><body xmlns='jabber:client'>no</body></not></message>")[0], []);

        Assert.Null(pattern.Differs(Fragments.Read("<message><body>yes</body></message>")[0]));
        Assert.Contains("must not", pattern.Differs(Fragments.Read("<message><body>no</body></message>")[0])!, StringComparison.Ordinal);
    }

    /// <summary>One server for all.</summary>
    public sealed class Stage() : SharedStage(() => ServerStage.InMemoryAsync());
}
