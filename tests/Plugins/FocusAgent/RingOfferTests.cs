using Parley.Media.Control;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>What a room that calls somebody offers, and what it makes of the answer.</summary>
public sealed class RingOfferTests : RingTest
{
    [Fact]
    public async Task Video_is_bundled_and_sources_are_told_where_the_client_knows_these()
    {
        Lists(Ns.JingleGrouping, Ns.JingleSsma);
        await CallAsync("dan@example.org", video: true);
        Assert.Equal(["audio", "video"], Dan.Proposal.Children.Select(d => d["media"]));
        await Dan.SayAsync("proceed");
        var initiate = Dan.Initiate;
        Assert.Equal(["audio", "video"], initiate.Bundle);
        Assert.Equal(initiate.Contents[0].Transport!.Ufrag, initiate.Contents[1].Transport!.Ufrag);
        await Dan.Client.AskAsync(Dan.Accept("passive", isBundled: true));
        var endpoint = Dan.Endpoint;
        Assert.Equal(DtlsRole.Client, Assert.Single(endpoint.Transports).DtlsRole);
        Assert.Equal([ForwarderFeed.Mix, ForwarderFeed.Speaker], endpoint.Forwarders.Select(f => f.Feed));
        Assert.Equal(initiate.Contents.Select(c => c.Description!.Sources[0].Ssrc), endpoint.Forwarders.Select(f => f.Ssrc));
    }

    [Fact]
    public async Task Without_bundle_each_content_has_a_transport_and_a_camera_may_come_later()
    {
        await CallAsync("dan@example.org", video: true);
        await Dan.SayAsync("proceed");
        Assert.NotEqual(Dan.Initiate.Contents[0].Transport!.Ufrag, Dan.Initiate.Contents[1].Transport!.Ufrag);
        var accept = Dan.Accept();
        // It takes the voice alone.
        await Dan.Client.AskAsync(accept with { Contents = [accept.Contents[0]] });
        Assert.Equal(["t0"], Dan.Endpoint.Transports.Select(t => t.Id));

        // Dino calls every content the initiator's, whoever that is.
        var camera = accept.Contents[1] with { Name = "camera", Senders = JingleSenders.Responder, Transport = Dan.Transport("w", "actpass") };
        Assert.Equal("result", (await Dan.Client.AskAsync(new JingleMessage(JingleAction.ContentAdd, Dan.Id) { Contents = [camera] })).Type);
        Assert.Equal("camera", Assert.Single(Dan.Client.Of(JingleAction.ContentAccept)).Contents[0].Name);
        Assert.Equal(2, Dan.Endpoint.Tracks.Count);
        Assert.Single(Dan.Endpoint.Forwarders);
    }

    // The Conversations family bundles whatever is offered so, and lists neither XEP-0338 nor the RFC.
    [Fact]
    public async Task Who_bundles_without_saying_so_before_has_one_transport()
    {
        await CallAsync("dan@example.org", video: true);
        await Dan.SayAsync("proceed");
        Assert.Equal(["audio", "video"], Dan.Initiate.Bundle);
        Assert.NotEqual(Dan.Initiate.Contents[0].Transport!.Ufrag, Dan.Initiate.Contents[1].Transport!.Ufrag);
        Assert.Equal(2, Dan.Endpoint.Transports.Count);

        Assert.Equal("result", (await Dan.Client.AskAsync(Dan.Accept(isBundled: true))).Type);
        var endpoint = Dan.Endpoint;
        Assert.Equal(("t0", "danb"), (Assert.Single(endpoint.Transports).Id, endpoint.Transports[0].Remote!.Ufrag));
        Assert.Equal(["t0", "t0"], endpoint.Tracks.Select(t => t.TransportId));
        Assert.Equal(["t0", "t0"], endpoint.Forwarders.Select(f => f.TransportId));

        // An ICE restart names both contents; one answer, with candidates, is for both.
        var restart = new JingleMessage(JingleAction.TransportInfo, Dan.Id)
        {
            Contents = [.. Dan.Initiate.Contents.Select(c => new JingleContent(JingleCreator.Initiator, c.Name) { Transport = new IceUdpTransport { Ufrag = "anew", Password = "0123456789012345678901" } })],
        };
        Assert.Equal("result", (await Dan.Client.AskAsync(restart)).Type);
        await Lab.TickAsync();
        Assert.NotEmpty(Assert.Single(Assert.Single(Dan.Client.Of(JingleAction.TransportInfo)).Contents).Transport!.Candidates);
    }

    // Whichever the answer names first has the transport that stays, and what is bundled with it need not repeat it.
    [Fact]
    public async Task The_first_of_the_answers_group_has_the_transport()
    {
        await CallAsync("dan@example.org", video: true);
        await Dan.SayAsync("proceed");
        var accept = Dan.Accept();
        accept = accept with { Contents = [accept.Contents[0] with { Transport = new IceUdpTransport() }, accept.Contents[1]], Groups = [new JingleGroup("BUNDLE", ["video", "audio"])] };
        Assert.Equal("result", (await Dan.Client.AskAsync(accept)).Type);
        Assert.Equal(("t1", "danvideo"), (Assert.Single(Dan.Endpoint.Transports).Id, Dan.Endpoint.Transports[0].Remote!.Ufrag));
        Assert.Equal(["t1", "t1"], Dan.Endpoint.Tracks.Select(t => t.TransportId));
    }

    // As Conversations adds its camera to a call by voice: the initiator's content, whoever that is, on a transport that it leaves empty.
    [Fact]
    public async Task Who_bundles_adds_a_camera_on_the_same_transport()
    {
        await CallAsync("dan@example.org");
        await Dan.SayAsync("proceed");
        await Dan.Client.AskAsync(Dan.Accept(isBundled: true));
        var camera = new JingleContent(JingleCreator.Initiator, "1")
        {
            Description = new RtpDescription("video") { Payloads = [new RtpPayload(98, "VP8", 90000, 1, [], [])], RtcpMux = true },
            Transport = new IceUdpTransport(),
        };
        var add = new JingleMessage(JingleAction.ContentAdd, Dan.Id) { Contents = [camera], Groups = [new JingleGroup("BUNDLE", ["audio", "1"])] };
        Assert.Equal("result", (await Dan.Client.AskAsync(add)).Type);

        var accept = Assert.Single(Dan.Client.Of(JingleAction.ContentAccept));
        Assert.Equal(["audio", "1"], accept.Bundle);
        var content = Assert.Single(accept.Contents);
        Assert.Equal((JingleCreator.Initiator, "1", JingleSenders.Both, "video"), (content.Creator, content.Name, content.Senders, content.Description!.Media));
        Assert.NotNull(content.Transport);
        Assert.Equal("t0", Assert.Single(Dan.Endpoint.Transports).Id);
        Assert.Equal(["t0", "t0"], Dan.Endpoint.Forwarders.Select(f => f.TransportId));
    }

    [Theory]
    [InlineData("candidates")]
    [InlineData("credentials")]
    [InlineData("role")]
    [InlineData("codec")]
    public async Task A_bad_answer_is_refused(string what)
    {
        await CallAsync("dan@example.org");
        await Dan.SayAsync("proceed");
        var good = Dan.Accept().Contents[0];
        var bad = what switch
        {
            "candidates" => good with { Transport = null },
            "credentials" => good with { Transport = good.Transport! with { Ufrag = "a:b" } },
            "role" => good with { Transport = Dan.Transport("audio", "actpass") },
            _ => good with { Description = good.Description! with { Payloads = [new RtpPayload(8, "PCMA", 8000, 1, [], [])] } },
        };
        var answer = await Dan.Client.AskAsync(new JingleMessage(JingleAction.SessionAccept, Dan.Id) { Contents = [bad] });
        if (what == "codec")
        {
            Assert.Equal(JingleCondition.IncompatibleParameters, Assert.Single(Dan.Client.Of(JingleAction.SessionTerminate)).Reason!.Condition);
            Assert.Equal("failed", States()[^1]);
            return;
        }

        Client.AssertError(StanzaCondition.BadRequest, answer);
        Client.AssertError(StanzaCondition.UnexpectedRequest, await Dan.Client.AskAsync(new JingleMessage(JingleAction.ContentAdd, Dan.Id) { Contents = [good] }));
        // A good one still counts, and a second does not.
        Assert.Equal("result", (await Dan.Client.AskAsync(Dan.Accept())).Type);
        Client.AssertError(StanzaCondition.UnexpectedRequest, await Dan.Client.AskAsync(Dan.Accept()));
    }
}
