using Parley.Media.Control;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

public sealed class WebLegTests
{
    [Theory]
    [InlineData("chromium", 111, 96, 97, 4)]
    [InlineData("firefox", 109, 120, 124, 3)]
    public async Task A_page_is_answered_in_its_own_numbers(string browser, int opus, int vp8, int rtx, int mid)
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync(browser);
        var accept = Assert.Single(ann.Of(JingleAction.SessionAccept));
        Assert.Equal((ann.Sid, ann.Room), (accept.Sid, accept.Responder));
        Assert.Equal(["0", "1"], accept.Bundle);
        Assert.Equal("true", accept.Extra("conference-info", Ns.Coin)!["isfocus"]);
        var (audio, video) = (accept.Contents[0], accept.Contents[1]);
        Assert.All(accept.Contents, c => Assert.Equal((JingleCreator.Initiator, JingleSenders.Initiator), (c.Creator, c.Senders)));
        Assert.Equal([opus], audio.Description!.Payloads.Select(p => p.Id));
        Assert.Equal([vp8, rtx], video.Description!.Payloads.Select(p => p.Id));
        Assert.Equal(["ccm fir", "goog-remb", "nack", "nack pli", "transport-cc"], video.Description.Payloads[0].Feedback.Select(f => f.ToString()).Order());
        Assert.Contains(video.Description.Extensions, x => x.Id == mid && x.Uri == FakeRelay.Mid);
        Assert.DoesNotContain(video.Description.Extensions, x => x.Uri.EndsWith("toffset", StringComparison.Ordinal));
        Assert.All(accept.Contents, c => Assert.True(c.Description!.RtcpMux));
        Assert.All(accept.Contents, c => Assert.Equal(("ufrag1", "passive"), (c.Transport!.Ufrag, c.Transport.Setup)));
        Assert.Equal(("192.0.2.1", 10001), (audio.Transport!.Candidates[0].Ip, audio.Transport.Candidates[0].Port));
    }

    [Theory]
    [InlineData("chromium", 3742751099u, 309276299u, 2330762873u)]
    [InlineData("firefox", 598123899u, 1699891592u, 152988661u)]
    public async Task The_relay_learns_what_the_page_sends(string browser, uint voice, uint picture, uint rtx)
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync(browser);
        var transport = Assert.Single(ann.Endpoint.Transports);
        Assert.Equal((IceRole.Controlled, DtlsRole.Server), (transport.IceRole, transport.DtlsRole));
        Assert.Equal("sha-256", Assert.Single(transport.Remote!.Fingerprints).Hash);
        Assert.Equal([(MediaKind.Audio, "0", voice, null), (MediaKind.Video, "1", picture, rtx)], ann.Endpoint.Tracks.Select(t => (t.Kind, t.Mid!, t.Ssrc!.Value, t.RtxSsrc)));
        Assert.Empty(ann.Endpoint.Forwarders);
    }

    [Fact]
    public async Task Two_pages_get_slots_for_each_other_fed_once_they_took_them()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        Assert.Empty(ann.Of(JingleAction.ContentAdd));
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync("firefox", nick: "Bob");
        foreach (var page in (Client[])[ann, bob])
        {
            var add = Assert.Single(page.Of(JingleAction.ContentAdd));
            Assert.Equal(["a0", "v0"], add.Contents.Select(c => c.Name));
            Assert.Equal(["0", "1", "a0", "v0"], add.Bundle);
            Assert.All(add.Contents, c => Assert.Equal((JingleCreator.Responder, JingleSenders.Responder, "actpass"), (c.Creator, c.Senders, c.Transport!.Setup)));
            Assert.Empty(page.Endpoint.Forwarders); // not before the page can take it
        }

        Assert.Equal([109], bob.Of(JingleAction.ContentAdd)[0].Contents[0].Description!.Payloads.Select(p => p.Id));
        await ann.AcceptSlotsAsync();
        await bob.AcceptSlotsAsync();
        Assert.Equal([bob.Endpoint.Tracks[0].Id, bob.Endpoint.Tracks[1].Id], ann.Fed.Values);
        Assert.Equal([ann.Endpoint.Tracks[0].Id, ann.Endpoint.Tracks[1].Id], bob.Fed.Values);
        var offered = ann.Of(JingleAction.ContentAdd)[0].Contents[1].Description!;
        var video = ann.Endpoint.Forwarders[1];
        Assert.Equal([video.Ssrc, video.RtxSsrc!.Value], offered.SourceGroups[0].Ssrcs);
        Assert.Equal("v0", video.Mid);
        Assert.All(offered.Sources, s => Assert.Equal(video.Cname, s["cname"]));
        // One person's voice and picture are kept in step by a common stream and name.
        Assert.Equal(ann.Endpoint.Forwarders[0].Cname, video.Cname);
        Assert.Equal(ann.Of(JingleAction.ContentAdd)[0].Contents.Select(c => c.Description!.Sources[0]["msid"]!.Split(' ')[0]).Distinct(), [video.Cname]);
    }

    [Fact]
    public async Task Slots_are_offered_in_one_message_and_the_rest_when_that_is_answered()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        foreach (var name in (string[])["bob", "cid", "dan"]) await new Client(lab, $"{name}@example.org/web").JoinAsync();
        Assert.Equal(["a0", "v0"], Assert.Single(ann.Of(JingleAction.ContentAdd)).Contents.Select(c => c.Name));
        await ann.AcceptSlotsAsync();
        Assert.Equal(["a1", "v1", "a2", "v2"], ann.Of(JingleAction.ContentAdd)[1].Contents.Select(c => c.Name).OrderBy(n => n[1]));
        Assert.Equal(6, ann.Endpoint.Forwarders.Count);
        Assert.Equal(12, ann.Endpoint.Forwarders.SelectMany(f => new[] { f.Ssrc, f.RtxSsrc }).OfType<uint>().Concat(ann.Endpoint.Tracks.Select(t => t.Ssrc!.Value)).Concat([2330762873]).Distinct().Count());
    }

    [Fact]
    public async Task A_freed_slot_keeps_name_and_ssrc_and_serves_the_next()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync();
        await ann.AcceptSlotsAsync();
        var before = ann.Endpoint.Forwarders;
        Assert.Equal("result", (await bob.AskAsync(new JingleMessage(JingleAction.SessionTerminate, bob.Sid) { Reason = new JingleReason(JingleCondition.Success) })).Type);
        Assert.Equal([null, null], ann.Fed.Values);
        Assert.Single(lab.Relay.Endpoints);
        var cid = await new Client(lab, "cid@example.org/web").JoinAsync();
        Assert.Single(ann.Of(JingleAction.ContentAdd));
        Assert.Equal(before.Select(f => (f.Id, f.Ssrc, f.RtxSsrc)), ann.Endpoint.Forwarders.Select(f => (f.Id, f.Ssrc, f.RtxSsrc)));
        Assert.Equal(cid.Endpoint.Tracks.Select(t => t.Id), ann.Fed.Values);
    }

    [Fact]
    public async Task A_glare_is_tried_again()
    {
        await using var lab = new CallLab();
        var isBusy = true;
        var byDefault = lab.Answer;
        lab.Answer = iq => isBusy && iq.Payload!["action"] == "content-add" ? Task.FromResult((Iq)iq.ErrorReply(JingleErrors.TieBreak())) : byDefault(iq);
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        await new Client(lab, "bob@example.org/web").JoinAsync();
        var refused = ann.Of(JingleAction.ContentAdd).Count;
        Assert.Equal(1, refused);
        isBusy = false;
        await lab.AdvanceAsync(TimeSpan.FromMilliseconds(250));
        Assert.Equal(2, ann.Of(JingleAction.ContentAdd).Count);
        Assert.Equal(ann.Of(JingleAction.ContentAdd)[0].ToElement().ToString(), ann.Of(JingleAction.ContentAdd)[1].ToElement().ToString());
    }

    [Fact]
    public async Task A_refused_slot_is_given_up_and_not_fed()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        await new Client(lab, "bob@example.org/web").JoinAsync();
        var add = ann.Of(JingleAction.ContentAdd)[0];
        await ann.AskAsync(new JingleMessage(JingleAction.ContentAccept, ann.Sid) { Contents = [add.Contents[0]] });
        await ann.AskAsync(new JingleMessage(JingleAction.ContentReject, ann.Sid) { Contents = [new JingleContent(JingleCreator.Responder, "v0")], Reason = new JingleReason(JingleCondition.UnsupportedApplications) });
        Assert.Equal(["a0"], ann.Fed.Keys);
        // Its place is lost, but another slot may do.
        Assert.Equal(["v1"], ann.Of(JingleAction.ContentAdd)[1].Contents.Select(c => c.Name));
        Client.AssertError(StanzaCondition.UnexpectedRequest, await ann.AskAsync(new JingleMessage(JingleAction.ContentAccept, ann.Sid) { Contents = [add.Contents[1]] }));
    }

    [Fact]
    public async Task Mute_and_slides_are_told_to_all()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync(nick: "Bob");
        await lab.TickAsync();
        Assert.All(bob.State.Users.SelectMany(u => u.Media), m => Assert.Equal("inactive", m.Status)); // nothing flows yet
        await ann.FlowsAsync();
        await lab.TickAsync();
        Assert.Equal(["sendrecv", "sendrecv"], bob.State.Users[0].Media.Select(m => m.Status));
        await ann.InfoAsync(new RtpInfo(RtpInfoKind.Mute, JingleCreator.Initiator, "0").ToElement());
        await ann.InfoAsync(new Element("state", Ns.WebLeg).Attr("name", "1").Attr("content", "slides"));
        await lab.TickAsync();
        Assert.Equal([("audio", "inactive", null), ("video", "sendrecv", "slides")], bob.State.Users[0].Media.Select(m => (m.Type, m.Status, m.Label)));
        Assert.True(ann.Endpoint.Tracks[0].Muted);
        await ann.InfoAsync(new RtpInfo(RtpInfoKind.Unmute, JingleCreator.Initiator, "0").ToElement());
        await ann.InfoAsync(new Element("state", Ns.WebLeg).Attr("name", "1").Attr("content", "camera"));
        await lab.TickAsync();
        Assert.Equal([("audio", "sendrecv", null), ("video", "sendrecv", null)], bob.State.Users[0].Media.Select(m => (m.Type, m.Status, m.Label)));
        Client.AssertError(StanzaCondition.FeatureNotImplemented, await ann.AskAsync(new JingleMessage(JingleAction.SessionInfo, ann.Sid) { Extras = [new Element("wave", "urn:example")] }));
    }

    [Fact]
    public async Task An_ice_restart_is_answered_with_new_credentials()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        await ann.AskAsync(Transport(JingleAction.TransportInfo, ann.Sid, null, "192.0.2.7"));
        Assert.Equal("192.0.2.7", Assert.Single(ann.Endpoint.Transports[0].Remote!.Candidates).Address.Address.ToString());
        Assert.Empty(ann.Of(JingleAction.TransportInfo));
        await ann.AskAsync(Transport(JingleAction.TransportInfo, ann.Sid, "restarted", "192.0.2.8"));
        Assert.Equal((1, "restarted"), (ann.Endpoint.Transports[0].Generation, ann.Endpoint.Transports[0].Remote!.Ufrag));
        Assert.Equal("ufrag2", Assert.Single(ann.Of(JingleAction.TransportInfo)).Contents[0].Transport!.Ufrag);
        await ann.AskAsync(Transport(JingleAction.TransportReplace, ann.Sid, "replaced", "192.0.2.9"));
        Assert.Equal("ufrag3", Assert.Single(ann.Of(JingleAction.TransportAccept)).Contents[0].Transport!.Ufrag);
        Client.AssertError(StanzaCondition.BadRequest, await ann.AskAsync(Transport(JingleAction.TransportReplace, ann.Sid, "a:b:c", "192.0.2.9")));
    }

    [Fact]
    public async Task A_transport_with_another_certificate_is_rejected_and_the_one_that_is_there_goes_on()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var before = ann.Endpoint.Transports[0];
        var other = new JingleFingerprint(before.Remote!.Fingerprints[0].Hash, string.Join(':', Enumerable.Repeat("5A", 32)), "actpass");
        Assert.Equal("result", (await ann.AskAsync(With(Transport(JingleAction.TransportReplace, ann.Sid, "replaced", "192.0.2.9"), other))).Type);
        Assert.Equal("0", Assert.Single(ann.Of(JingleAction.TransportReject)).Contents[0].Name);
        Client.AssertError(StanzaCondition.BadRequest, await ann.AskAsync(With(Transport(JingleAction.TransportInfo, ann.Sid, "restarted", "192.0.2.8"), other)));
        Assert.Equal(before, ann.Endpoint.Transports[0]);
        // The same certificate is a restart as any.
        await ann.AskAsync(With(Transport(JingleAction.TransportReplace, ann.Sid, "replaced", "192.0.2.9"), other with { Value = before.Remote.Fingerprints[0].Value }));
        Assert.Single(ann.Of(JingleAction.TransportAccept));

        static JingleMessage With(JingleMessage message, JingleFingerprint fingerprint) =>
            message with { Contents = [message.Contents[0] with { Transport = message.Contents[0].Transport! with { Fingerprints = [fingerprint] } }] };
    }

    private static JingleMessage Transport(JingleAction action, string sid, string? ufrag, string ip) => new(action, sid)
    {
        Contents = [new JingleContent(JingleCreator.Initiator, "0") { Senders = JingleSenders.Initiator, Transport = new IceUdpTransport
        {
            Ufrag = ufrag, Password = ufrag is null ? null : "a-password-of-22-chars-or-more",
            Candidates = [new JingleCandidate(1, "1", 0, "c", ip, 4000, 1, "udp", "host"), new JingleCandidate(1, "1", 0, "d", "abc.local", 4000, 1, "udp", "host")],
        } }],
    };
}
