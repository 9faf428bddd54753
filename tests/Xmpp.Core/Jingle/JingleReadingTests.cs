using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using static Parley.Xmpp.Core.Tests.Jingle.JingleFixtures;

namespace Parley.Xmpp.Core.Tests.Jingle;

public class JingleReadingTests
{
    private static JingleMessage Good(string xml)
    {
        Assert.True(JingleMessage.TryRead(Read(xml), out var message, out var fault), fault);
        return message;
    }

    private static string Bad(string xml)
    {
        Assert.False(JingleMessage.TryRead(Read(xml), out _, out var fault));
        return fault!;
    }

    [Fact]
    public void An_offer_is_read_whole()
    {
        var offer = Good(Offer);
        Assert.Equal((JingleAction.SessionInitiate, "s1", "ann@example.org/web"), (offer.Action, offer.Sid, offer.Initiator!.ToString()));
        Assert.Equal(["0", "1"], offer.Bundle!);
        Assert.Equal("Ann", offer.Extra("nick", Ns.Nick)!.Value);
        var audio = offer.Contents[0];
        Assert.Equal((JingleCreator.Initiator, "0", JingleSenders.Initiator, "session"), (audio.Creator, audio.Name, audio.Senders, audio.Disposition));
        var opus = Assert.Single(audio.Description!.Payloads);
        Assert.Equal((111, "opus", 48000, 2), (opus.Id, opus.Name, opus.ClockRate, opus.Channels));
        Assert.Equal([KeyValuePair.Create("minptime", "10"), KeyValuePair.Create("useinbandfec", "1")], opus.Parameters);
        Assert.Equal("transport-cc", Assert.Single(opus.Feedback).ToString());
        Assert.True(audio.Description.RtcpMux);
        Assert.Equal(4294967295u, Assert.Single(audio.Description.Sources).Ssrc);
        Assert.Equal("c", audio.Description.Sources[0]["cname"]);
        Assert.Equal(new RtpExtension(4, "urn:ietf:params:rtp-hdrext:sdes:mid"), Assert.Single(audio.Description.Extensions));
        Assert.Equal(new JingleFingerprint("sha-256", "02:1A:CC", "actpass"), Assert.Single(audio.Transport!.Fingerprints));
        Assert.Equal(("abc.local", 4433, 2122260223u), (audio.Transport.Candidates[0].Ip, audio.Transport.Candidates[0].Port, audio.Transport.Candidates[0].Priority));
        var video = offer.Contents[1].Description!;
        Assert.Equal([5u, 6u], Assert.Single(video.SourceGroups).Ssrcs);
        Assert.Equal("nack pli", video.Payloads[0].Feedback[0].ToString());
    }

    [Fact]
    public void Other_kinds_of_description_and_transport_are_named_not_refused()
    {
        var content = Good("<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s'><content creator='initiator' name='f'><description xmlns='urn:xmpp:jingle:apps:file-transfer:5'/><transport xmlns='urn:xmpp:jingle:transports:ibb:1'/></content></jingle>").Contents[0];
        Assert.Null(content.Description);
        Assert.Null(content.Transport);
        Assert.Equal(("urn:xmpp:jingle:apps:file-transfer:5", "urn:xmpp:jingle:transports:ibb:1"), (content.ForeignDescription, content.ForeignTransport));
    }

    [Fact]
    public void A_reason_keeps_its_text_and_an_unknown_one_is_a_general_error()
    {
        Assert.Equal(new JingleReason(JingleCondition.Success, "bye"), Good("<jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' sid='s'><reason><success/><text>bye</text></reason></jingle>").Reason);
        Assert.Equal(JingleCondition.GeneralError, Good("<jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' sid='s'><reason><moonphase/></reason></jingle>").Reason!.Condition);
    }

    [Theory]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' sid='s'/>", "action")]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='session-explode' sid='s'/>", "action")]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='session-info'/>", "sid")]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='s' initiator='@'/>", "initiator")]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='s'><content name='a'/></jingle>", "creator")]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='s'><content creator='initiator'/></jingle>", "name")]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='s'><content creator='initiator' name='a' senders='all'/></jingle>", "senders")]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='s'><content creator='initiator' name='a'/><content creator='initiator' name='a'/></jingle>", "one name")]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='s'><content creator='initiator' name='a'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'><payload-type id='128'/></description></content></jingle>", "range")]
    [InlineData("<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='s'><content creator='initiator' name='a'><transport xmlns='urn:xmpp:jingle:transports:ice-udp:1'><fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256'>hello</fingerprint></transport></content></jingle>", "fingerprint")]
    public void What_is_wrong_is_said(string xml, string word) => Assert.Contains(word, Bad(xml), StringComparison.Ordinal);

    [Fact]
    public void More_than_the_limits_is_refused()
    {
        var payloads = string.Concat(Enumerable.Repeat("<payload-type id='1' name='x'/>", JingleLimits.Payloads + 1));
        Assert.Contains("payload-type", Bad($"<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s'><content creator='initiator' name='a'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>{payloads}</description></content></jingle>"), StringComparison.Ordinal);
        var contents = string.Concat(Enumerable.Range(0, JingleLimits.Contents + 1).Select(i => $"<content creator='initiator' name='{i}'/>"));
        Assert.Contains("content", Bad($"<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s'>{contents}</jingle>"), StringComparison.Ordinal);
        var candidates = string.Concat(Enumerable.Repeat("<candidate component='1' foundation='1' ip='192.0.2.1' port='1' priority='1' protocol='udp'/>", JingleLimits.Candidates + 1));
        Assert.Contains("candidate", Bad($"<jingle xmlns='urn:xmpp:jingle:1' action='transport-info' sid='s'><content creator='initiator' name='a'><transport xmlns='urn:xmpp:jingle:transports:ice-udp:1'>{candidates}</transport></content></jingle>"), StringComparison.Ordinal);
        Assert.Contains("overlong", Bad($"<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='{new string('s', JingleLimits.Text + 1)}'/>"), StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_carry_the_conditions_of_XEP_0166()
    {
        Assert.Equal("<error xmlns='jabber:client' type='wait'>", Start(JingleErrors.OutOfOrder()));
        Assert.NotNull(JingleErrors.UnknownSession().ToElement().Child("unknown-session", Ns.JingleErrors));
        Assert.NotNull(JingleErrors.UnsupportedInfo().ToElement().Child("unsupported-info", Ns.JingleErrors));
        Assert.True(JingleErrors.IsTieBreak(JingleErrors.TieBreak()));
        Assert.False(JingleErrors.IsTieBreak(new StanzaError(StanzaCondition.Conflict)));
        static string Start(StanzaError error) => System.Text.Encoding.UTF8.GetString(XmlWriting.ToStandaloneUtf8(error.ToElement())) is var text ? text[..(text.IndexOf('>', StringComparison.Ordinal) + 1)] : "";
    }

    [Fact]
    public void Session_info_is_read_by_kind()
    {
        Assert.True(RtpInfo.TryRead(Read("<mute xmlns='urn:xmpp:jingle:apps:rtp:info:1' creator='initiator' name='0'/>"), out var info));
        Assert.Equal(new RtpInfo(RtpInfoKind.Mute, JingleCreator.Initiator, "0"), info);
        Assert.False(RtpInfo.TryRead(Read("<mute xmlns='urn:example'/>"), out _));
    }
}
