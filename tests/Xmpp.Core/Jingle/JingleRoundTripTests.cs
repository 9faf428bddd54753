using FsCheck;
using FsCheck.Fluent;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Xmpp.Core.Tests.Jingle;

public class JingleRoundTripTests
{
    private static readonly Gen<string> Word = Gen.Elements("a", "b0", "ünï", "<&'\"", "x y", "0").Select(w => w);
    private static readonly Gen<string?> MaybeWord = Gen.OneOf(Word.Select(w => (string?)w), Gen.Constant((string?)null));
    private static readonly Gen<uint> Ssrc = Gen.Choose(0, int.MaxValue).Select(i => (uint)i * 2 + 1);

    private static Gen<IReadOnlyList<T>> Few<T>(Gen<T> gen) => Gen.Choose(0, 3).SelectMany(n => Gen.ListOf(gen, n)).Select(l => (IReadOnlyList<T>)[.. l]);

    private static readonly Gen<IReadOnlyList<KeyValuePair<string, string>>> Parameters = Few(Word.SelectMany(k => Word.Select(v => KeyValuePair.Create(k, v))));
    private static readonly Gen<RtcpFeedback> Feedback = Word.SelectMany(t => MaybeWord.Select(s => new RtcpFeedback(t, s)));

    private static readonly Gen<RtpPayload> Payload =
        from id in Gen.Choose(0, 127)
        from name in MaybeWord
        from rate in Gen.Elements(0, 8000, 48000, 90000)
        from channels in Gen.Choose(1, 2)
        from parameters in Parameters
        from feedback in Few(Feedback)
        from ptime in Gen.Elements<int?>(null, 20)
        select new RtpPayload(id, name, rate, channels, parameters, feedback, ptime);

    private static readonly Gen<RtpDescription> Description =
        from media in Gen.Elements("audio", "video")
        from payloads in Few(Payload)
        from feedback in Few(Feedback)
        from extensions in Few(Gen.Choose(1, 14).SelectMany(i => Word.SelectMany(u => Gen.Elements(Enum.GetValues<JingleSenders>()).Select(s => new RtpExtension(i, u, s)))))
        from mux in Gen.Elements(true, false)
        from mixed in Gen.Elements(true, false)
        from sources in Few(Ssrc.SelectMany(s => Parameters.Select(p => new RtpSource(s, p))))
        from groups in Few(Few(Ssrc).Select(s => new RtpSourceGroup("FID", s)))
        select new RtpDescription(media) { Payloads = payloads, Feedback = feedback, Extensions = extensions, RtcpMux = mux, RtcpReducedSize = mixed, ExtmapAllowMixed = mixed, Sources = sources, SourceGroups = groups };

    private static readonly Gen<IceUdpTransport> Transport =
        from ufrag in MaybeWord
        from candidates in Few(from id in Word
                               from port in Gen.Choose(0, 65535)
                               from priority in Ssrc
                               from related in MaybeWord
                               select new JingleCandidate(1, "f", 0, id, "192.0.2.1", port, priority, "udp", "host", related, related is null ? null : port))
        from fingerprints in Few(Gen.Elements("active", "passive", null).Select(s => new JingleFingerprint("sha-256", "AA:0B", s)))
        from remote in Gen.Elements(null, new JingleRemoteCandidate(1, "192.0.2.2", 9))
        select new IceUdpTransport { Ufrag = ufrag, Password = ufrag, Candidates = candidates, Fingerprints = fingerprints, RemoteCandidate = remote };

    private static readonly Gen<JingleContent> Content =
        from creator in Gen.Elements(Enum.GetValues<JingleCreator>())
        from name in Word
        from senders in Gen.Elements(Enum.GetValues<JingleSenders>())
        from description in Gen.OneOf(Description.Select(d => (RtpDescription?)d), Gen.Constant((RtpDescription?)null))
        from transport in Gen.OneOf(Transport.Select(t => (IceUdpTransport?)t), Gen.Constant((IceUdpTransport?)null))
        select new JingleContent(creator, name) { Senders = senders, Description = description, Transport = transport };

    private static readonly Gen<JingleMessage> Message =
        from action in Gen.Elements(Enum.GetValues<JingleAction>())
        from sid in Word
        from contents in Few(Content)
        from reason in Gen.Elements(Enum.GetValues<JingleCondition>()).SelectMany(c => MaybeWord.Select(t => (JingleReason?)new JingleReason(c, t)))
        from bundle in Few(Word)
        select new JingleMessage(action, sid)
        {
            Initiator = "ann@example.org/a",
            Contents = [.. contents.DistinctBy(c => (c.Creator, c.Name))],
            Reason = reason,
            Groups = [new JingleGroup("BUNDLE", bundle)],
        };

    [Fact]
    public void What_is_written_is_read_again_the_same() =>
        Prop.ForAll(Message.ToArbitrary(), message =>
        {
            var written = message.ToElement().ToString();
            Assert.True(JingleMessage.TryRead(JingleFixtures.Read(written), out var read, out var fault), fault + written);
            Assert.Equal(written, read.ToElement().ToString());
            Assert.Equal((message.Action, message.Sid, message.Reason, message.Contents.Count), (read.Action, read.Sid, read.Reason, read.Contents.Count));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_mutilated_offer_is_read_or_refused_but_never_throws()
    {
        var random = new Random(4711);
        for (var round = 0; round < 2000; round++)
        {
            var mutant = Mutate(JingleFixtures.Read(JingleFixtures.Offer), random);
            if (JingleMessage.TryRead(mutant, out var message, out var fault)) Assert.NotNull(message.ToElement().ToString());
            else Assert.NotEmpty(fault);
        }
    }

    private static Xml.Element Mutate(Xml.Element e, Random random)
    {
        var copy = new Xml.Element(random.Next(60) == 0 ? "other" : e.Name, random.Next(60) == 0 ? "urn:other" : e.Namespace);
        foreach (var a in e.Attributes)
        {
            switch (random.Next(25))
            {
                case 0: break;
                case 1: copy.Attr(a.Name, new string('9', random.Next(1, 700))); break;
                case 2: copy.Attr(a.Name, "-1"); break;
                default: copy.Attr(a.Name, a.Value); break;
            }
        }

        foreach (var child in e.Children)
        {
            for (var times = random.Next(30) switch { 0 => 0, 1 => 40, _ => 1 }; times > 0; times--) copy.Add(Mutate(child, random));
        }

        return copy.Text(random.Next(20) == 0 ? "junk" : e.Value);
    }
}
