using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.Blocking;

/// <summary>What becomes of stanzas between who blocks and who is blocked (XEP-0191 section 3.3).</summary>
public sealed class BlockedStanzaTests
{
    [Theory]
    [InlineData("<message from='bad@x.test/r' to='ann@one.test' type='chat'/>", "message error ann@one.test bad@x.test/r ServiceUnavailable")]
    [InlineData("<message from='bad@x.test/r' to='ann@one.test'><propose xmlns='urn:xmpp:jingle-message:0' id='1'/></message>", "message error ann@one.test bad@x.test/r ServiceUnavailable")]
    [InlineData("<message from='bad@x.test/r' to='ann@one.test' type='error'/>", null)]
    [InlineData("<iq from='bad@x.test/r' to='ann@one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>", "iq error ann@one.test bad@x.test/r ServiceUnavailable")]
    [InlineData("<iq from='bad@x.test/r' to='ann@one.test' type='result' id='1'/>", null)]
    [InlineData("<presence from='bad@x.test/r' to='ann@one.test'/>", null)]
    [InlineData("<presence from='bad@x.test' to='ann@one.test' type='subscribe'/>", null)]
    [InlineData("<presence from='bad@x.test' to='ann@one.test' type='probe'/>", null)]
    public async Task What_comes_in_finds_nobody_there(string stanza, string? answer)
    {
        await using var lab = await BlockedAsync("bad@x.test");

        Assert.True(await lab.SeeAsync(stanza, StanzaPoint.ToLocalAccount));
        Assert.Equal(answer is null ? [] : [answer], lab.TakeRouted().Select(BlockingLab.Words));
    }

    [Theory]
    [InlineData("<message from='bad@x.test/r' to='ann@one.test/a' type='chat'/>", "message error ann@one.test/a bad@x.test/r ServiceUnavailable")]
    [InlineData("<message from='bad@x.test/r' to='ann@one.test' type='chat'/>", null)] // kept since before the block
    [InlineData("<iq from='bad@x.test/r' to='ann@one.test/a' type='set' id='1'><jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='1'/></iq>", "iq error ann@one.test/a bad@x.test/r ServiceUnavailable")]
    [InlineData("<presence from='bad@x.test/r' to='ann@one.test/a'/>", null)]
    public async Task What_comes_for_one_client_is_kept_from_it(string stanza, string? answer)
    {
        await using var lab = await BlockedAsync("bad@x.test");

        Assert.True(await lab.SeeAsync(stanza, StanzaPoint.ToSession, lab.Bind("ann@one.test/a")));
        Assert.Equal(answer is null ? [] : [answer], lab.TakeRouted().Select(BlockingLab.Words));
    }

    [Theory]
    [InlineData("<message from='ann@one.test/a' to='bad@x.test/r' type='chat' id='m'/>", true)]
    [InlineData("<iq from='ann@one.test/a' to='bad@x.test/r' type='get' id='m'><q xmlns='x'/></iq>", true)]
    [InlineData("<presence from='ann@one.test/a' to='bad@x.test' type='subscribe' id='m'/>", true)]
    [InlineData("<presence from='ann@one.test/a' to='bad@x.test' id='m'/>", true)]
    [InlineData("<presence from='ann@one.test/a' to='bad@x.test' type='unavailable' id='m'/>", false)]
    [InlineData("<iq from='ann@one.test/a' to='bad@x.test/r' type='result' id='m'/>", false)]
    [InlineData("<message from='ann@one.test/a' to='bad@x.test/r' type='error' id='m'/>", false)]
    public async Task What_goes_out_goes_nowhere_and_the_user_is_told_why(string stanza, bool isTold)
    {
        await using var lab = await BlockedAsync("bad@x.test");
        var ann = lab.Bind("ann@one.test/a");

        Assert.True(await lab.SeeAsync(stanza, StanzaPoint.FromLocalSession, ann));

        Assert.Empty(lab.TakeRouted());
        var told = ann.Take();
        Assert.Equal(isTold ? 1 : 0, told.Count);
        if (!isTold) return;
        Assert.Equal(("m", "bad@x.test"), (told[0].Id, told[0].From!.Bare.ToString()));
        Assert.Equal((StanzaCondition.NotAcceptable, StanzaErrorType.Cancel), (StanzaError.Of(told[0]).Condition, StanzaError.Of(told[0]).Type));
        Assert.Equal("urn:xmpp:blocking:errors", StanzaError.Of(told[0]).Application!.Namespace);
        // That very refusal reaches the client, though it speaks in the name of who is blocked.
        Assert.False(await lab.SeeAsync(told[0], StanzaPoint.ToSession, ann));
    }

    [Theory]
    [InlineData(StanzaPoint.FromRemote, "<message from='bad@x.test/r' to='ann@one.test/a' type='chat'/>", true)]
    [InlineData(StanzaPoint.FromRemote, "<message from='bad@x.test/r' to='ann@one.test' type='chat'/>", true)]
    [InlineData(StanzaPoint.FromRemote, "<message from='good@x.test/r' to='ann@one.test' type='chat'/>", false)]
    [InlineData(StanzaPoint.FromRemote, "<message from='bad@x.test/r' to='room.one.test' type='chat'/>", false)]
    [InlineData(StanzaPoint.FromLocalSession, "<message from='ben@one.test/b' to='ann@one.test' type='chat'/>", true)]
    // The sender's own roster learns of it, and nothing comes of it on the other side.
    [InlineData(StanzaPoint.FromLocalSession, "<presence from='ben@one.test/b' to='ann@one.test' type='subscribe'/>", false)]
    public async Task A_message_is_refused_where_it_enters_before_an_archive_keeps_it(StanzaPoint point, string stanza, bool isRefused)
    {
        await using var lab = await BlockedAsync("bad@x.test", "ben@one.test");
        var ben = lab.Bind("ben@one.test/b");

        Assert.Equal(isRefused, await lab.SeeAsync(stanza, point, point == StanzaPoint.FromLocalSession ? ben : null));
        Assert.Equal(isRefused ? 1 : 0, lab.TakeRouted().Count(r => StanzaError.Of(r).Condition == StanzaCondition.ServiceUnavailable));
    }

    [Fact]
    public async Task What_the_server_sends_for_the_user_stays_here()
    {
        await using var lab = await BlockedAsync("bad@x.test");

        Assert.True(await lab.SeeAsync("<presence from='ann@one.test/a' to='bad@x.test'/>", StanzaPoint.FromLocalAccount));
        Assert.True(await lab.SeeAsync("<message from='ann@one.test' to='bad@x.test' type='headline'/>", StanzaPoint.FromLocalAccount));
        Assert.Empty(lab.TakeRouted());
        // A plugin that waits for an answer need not wait for long.
        Assert.True(await lab.SeeAsync("<iq from='ann@one.test' to='bad@x.test/r' type='get' id='1'><q xmlns='x'/></iq>", StanzaPoint.FromLocalAccount));
        Assert.Equal(["iq error bad@x.test/r ann@one.test NotAcceptable"], lab.TakeRouted().Select(BlockingLab.Words));
        Assert.False(await lab.SeeAsync("<presence from='ann@one.test/a' to='good@x.test'/>", StanzaPoint.FromLocalAccount));
    }

    [Theory]
    [InlineData("x.test", "bad@x.test/r", true)]
    [InlineData("x.test", "x.test/r", true)]
    [InlineData("x.test", "x.test", true)]
    [InlineData("x.test", "bad@sub.x.test", false)]
    [InlineData("x.test/r", "x.test/r", true)]
    [InlineData("x.test/r", "bad@x.test/r", false)]
    [InlineData("bad@x.test/r", "bad@x.test/r", true)]
    [InlineData("bad@x.test/r", "bad@x.test/q", false)]
    [InlineData("bad@x.test/r", "bad@x.test", false)]
    [InlineData("Bad@X.test", "bad@x.test/r", true)]
    [InlineData("bad@x.test", "good@x.test", false)]
    public async Task An_item_matches_what_section_5_says(string item, string sender, bool isBlocked)
    {
        await using var lab = await BlockedAsync(item);

        Assert.Equal(isBlocked, await lab.SeeAsync($"<message from='{sender}' to='ann@one.test' type='chat'/>", StanzaPoint.ToLocalAccount));
    }

    [Fact]
    public async Task The_invitation_of_someone_blocked_is_no_more_welcome_from_a_room()
    {
        await using var lab = await BlockedAsync("bad@x.test");
        static string Invite(string inviter) => $"<message from='room@muc.test' to='ann@one.test'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='{inviter}'/></x></message>";

        Assert.True(await lab.SeeAsync(Invite("bad@x.test/r"), StanzaPoint.ToLocalAccount));
        Assert.False(await lab.SeeAsync(Invite("good@x.test/r"), StanzaPoint.ToLocalAccount));
        Assert.False(await lab.SeeAsync(Invite("@@@"), StanzaPoint.ToLocalAccount));
    }

    [Fact]
    public async Task Oneself_ones_server_and_everybody_elses_conversations_are_left_alone()
    {
        await using var lab = await BlockedAsync("bad@x.test");
        var ben = lab.Bind("ben@one.test/b");

        Assert.False(await lab.SeeAsync("<message from='bad@x.test/r' to='ben@one.test' type='chat'/>", StanzaPoint.ToLocalAccount));
        Assert.False(await lab.SeeAsync("<message from='ben@one.test/b' to='bad@x.test' type='chat'/>", StanzaPoint.FromLocalSession, ben));
        Assert.False(await lab.SeeAsync("<message from='ann@one.test/b' to='ann@one.test' type='chat'/>", StanzaPoint.ToLocalAccount));
        Assert.False(await lab.SeeAsync("<message from='one.test' to='ann@one.test'/>", StanzaPoint.ToLocalAccount));
        Assert.False(await lab.SeeAsync("<message from='bad@x.test' to='guest1@guest.one.test'/>", StanzaPoint.ToLocalAccount));
        Assert.Equal(0, lab.Stanzas.Kept);
    }

    private static async Task<BlockingLab> BlockedAsync(params string[] jids)
    {
        var lab = await new BlockingLab().StartAsync();
        await lab.BlockAsync(lab.Bind("ann@one.test/first", isAvailable: false), jids);
        return lab;
    }
}
