using Parley.Media.Control;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Forwarding;
using Parley.Media.Relay.Mixing;
using Parley.tests.Media.Core.Audio;
using Parley.tests.Media.Core.Forwarding;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Mixing;

/// <summary>Those with an old telephone's codec among those with Opus: each hears what it can decode and nothing else.</summary>
public sealed class TranslationTests : IDisposable
{
    private const uint MixSsrc = 77_000_000, SlotSsrc = 78_000_000;

    private static readonly PayloadType Keys = new(101, "telephone-event", 8_000, 1, MediaKind.Audio, [], []);

    private readonly HandMixer _mixer = new();
    private readonly VirtualRelay _relay;
    private readonly LabPeer _phone, _page;
    private readonly OpusAudioEncoder _pageVoice = new();
    private IAudioEncoder? _phoneVoice;

    public TranslationTests()
    {
        _relay = new VirtualRelay(mixer: _mixer);
        (_phone, _page) = (_relay.AddPeer("phone", 1), _relay.AddPeer("page", 2));
    }

    public void Dispose()
    {
        _pageVoice.Dispose();
        _phoneVoice?.Dispose();
    }

    [Theory]
    [InlineData("G722", 9)]
    [InlineData("PCMU", 0)]
    [InlineData("PCMA", 8)]
    public void An_old_phone_hears_the_mix_in_its_codec_and_pages_hear_it_in_Opus(string name, int number)
    {
        Connect(Telephony(name, number));
        Talk(name, number, phoneHertz: 900, pageHertz: 400, frames: 150);

        var toPhone = _phone.On(MixSsrc);
        Assert.InRange(toPhone.Count, 145, 150);
        Assert.All(toPhone, p => Assert.Equal((number, 160), (p.Header.PayloadType, p.Payload.Length)));
        Assert.All(toPhone.Zip(toPhone.Skip(1)), p => Assert.Equal((1, 160u), ((ushort)(p.Second.Header.Sequence - p.First.Header.Sequence), p.Second.Header.Timestamp - p.First.Header.Timestamp)));
        var heard = Decode(MixCodec.Named(Lower(name)), toPhone);
        Assert.InRange(Tones.Find(heard, 400), 0.05, 0.5);
        Assert.InRange(Tones.Find(heard, 900), 0, 0.01);

        var toPage = _page.On(SlotSsrc);
        Assert.InRange(toPage.Count, 140, 150);
        Assert.All(toPage, p => Assert.Equal(9, p.Header.PayloadType)); // what this leg calls Opus
        Assert.InRange(Tones.Find(Decode(MixCodec.Opus, toPage), 900), 0.05, 0.5);
    }

    [Fact]
    public void A_receiver_who_takes_the_codec_gets_the_track_as_it_is()
    {
        var pcmu = Telephony("PCMU", 0);
        Connect(pcmu, pageTakes: [Specs.OpusElsewhere, pcmu with { Number = 96 }]);
        Talk("PCMU", 0, 900, 400, 50);
        Assert.All(_page.On(SlotSsrc), p => Assert.Equal(96, p.Header.PayloadType));
        Assert.Equal(50, _page.On(SlotSsrc).Count);
    }

    [Fact]
    public void Where_nobody_mixes_what_cannot_be_decoded_is_not_forwarded()
    {
        var relay = new VirtualRelay();
        var (phone, page) = (relay.AddPeer("phone", 1), relay.AddPeer("page", 2));
        var pcmu = Telephony("PCMU", 0);
        var state = relay.Modify(
            new EndpointSpec("phone", [Specs.Transport(phone)], [Specs.AudioTrack(phone) with { Payloads = [pcmu] }], []),
            new EndpointSpec("page", [Specs.Transport(page)], [], [Specs.AudioSlot("a0", SlotSsrc, "phone-audio")]));
        phone.Connect(Rooms.StateOf(state, phone), VirtualRelay.Address, relay.NowMs);
        page.Connect(Rooms.StateOf(state, page), VirtualRelay.Address, relay.NowMs);
        relay.Run(300);
        for (var i = 0u; i < 50; i++)
        {
            phone.SendAudio(0, i * 160, new byte[160]);
            relay.Run(20);
        }

        Assert.Empty(page.On(SlotSsrc));
    }

    [Fact]
    public void A_page_s_track_reaches_a_receiver_who_has_nothing_but_an_old_codec()
    {
        var pcma = Telephony("PCMA", 8);
        Connect(pcma, phoneSlot: Specs.AudioSlot("s", SlotSsrc, "page-audio") with { Payloads = [pcma] });
        Talk("PCMA", 8, 900, 400, 150);
        var packets = _phone.On(SlotSsrc);
        Assert.All(packets, p => Assert.Equal(8, p.Header.PayloadType));
        Assert.InRange(Tones.Find(Decode(MixCodec.Named("pcma"), packets), 400), 0.05, 0.5);
    }

    [Fact]
    public void Keys_are_told_once_and_never_heard()
    {
        Connect(Telephony("PCMU", 0), keys: Keys);
        Talk("PCMU", 0, 900, 400, 50);
        var (before, mixed) = (_page.On(SlotSsrc).Count, _page.Received.Count);
        // A star, 100 ms: first packets with the marker, then its end three times, all with one timestamp (RFC 4733 section 2.5.1).
        for (var i = 0; i < 8; i++) Press(10, 8_000, i * 160, isEnd: i >= 5);
        Press(6, 9_600, 160, isEnd: false);
        Press(16, 11_200, 160, isEnd: true); // hook flash: no key
        Assert.Equal(['*', '6'], _relay.Events.OfType<KeyPressed>().Select(k => k.Key));
        Assert.All(_relay.Events.OfType<KeyPressed>(), k => Assert.Equal(("phone", "phone-audio"), (k.EndpointId, k.TrackId)));
        // Meanwhile at most what was held back and concealed was sent on, in Opus.
        Assert.All(_page.Received.Skip(mixed), p => Assert.Equal(9, p.Header.PayloadType));
        Assert.InRange(_page.On(SlotSsrc).Count - before, 0, 12);

        // What is said afterwards is not late by the time that the keys took.
        Talk("PCMU", 0, 900, 400, 50, from: 60);
        Assert.InRange(_page.On(SlotSsrc).Count - before, 45, 64);
    }

    [Fact]
    public void A_cue_is_heard_once_by_whom_it_is_for()
    {
        Connect(Telephony("PCMU", 0));
        Talk("PCMU", 0, 900, 400, 60);
        var (phone, page) = (_phone.On(MixSsrc).Count, _page.On(SlotSsrc).Count);
        var slot = MixSlot(Telephony("PCMU", 0)) with { Cue = new(1, CueSound.Denied) };
        Tell(slot);
        Talk("PCMU", 0, 900, 400, 30, from: 60);
        var heard = Decode(MixCodec.Named("pcmu"), _phone.On(MixSsrc), skip: phone * 960);
        Assert.InRange(Tones.Find(heard, 330), 0.01, 0.5);
        Assert.InRange(Tones.Find(Decode(MixCodec.Opus, _page.On(SlotSsrc), skip: page * 960), 330), 0, 0.005);

        // Told again, it is not heard again; another is.
        Tell(slot with { });
        phone = _phone.On(MixSsrc).Count;
        Talk("PCMU", 0, 900, 400, 30, from: 90);
        Assert.InRange(Tones.Find(Decode(MixCodec.Named("pcmu"), _phone.On(MixSsrc), skip: phone * 960), 330), 0, 0.005);
        Tell(slot with { Cue = new(2, CueSound.On) });
        phone = _phone.On(MixSsrc).Count;
        Talk("PCMU", 0, 900, 400, 30, from: 120);
        heard = Decode(MixCodec.Named("pcmu"), _phone.On(MixSsrc), skip: phone * 960);
        Assert.InRange(Tones.Find(heard, 523), 0.01, 0.5);
        Assert.InRange(Tones.Find(heard, 659), 0.01, 0.5);
        Assert.Single(_phone.On(MixSsrc).Select(p => p.Header.Ssrc).Distinct());
    }

    [Fact]
    public void A_mix_that_fails_is_counted_and_made_anew()
    {
        Connect(Telephony("PCMU", 0));
        Talk("PCMU", 0, 900, 400, 20);
        _mixer.Mixes[0].Fail();
        Talk("PCMU", 0, 900, 400, 20, from: 20);
        Assert.Equal(1, _relay.Services.Counters.Faults);
        var silent = _phone.On(MixSsrc).Count;
        _relay.Run(1_000);
        Talk("PCMU", 0, 900, 400, 50, from: 90);
        Assert.Equal(2, _mixer.Mixes.Count);
        Assert.InRange(_phone.On(MixSsrc).Count - silent, 45, 50);
        Assert.InRange(Tones.Find(Decode(MixCodec.Named("pcmu"), _phone.On(MixSsrc).TakeLast(45), skip: 9_600), 400), 0.05, 0.5);
        Assert.Equal(1, _relay.Services.Counters.Faults);
    }

    [Fact]
    public void Who_speaks_is_measured_where_nobody_says_so()
    {
        Connect(Telephony("PCMU", 0));
        Assert.Null(Speaker());
        // Noise, in packets as long as those of speech.
        Talk("PCMU", 0, 900, 400, 50, phoneAmplitude: 0.0005, pageAmplitude: 0);
        Assert.Null(Speaker());
        var began = _relay.NowMs;
        var at = 50;
        for (; Speaker() != "phone"; at++)
        {
            Assert.InRange(_relay.NowMs - began, 0, 700);
            Talk("PCMU", 0, 900, 400, 1, from: at, pageAmplitude: 0);
        }

        Talk("PCMU", 0, 900, 400, 60, from: at, phoneAmplitude: 0.0005);
        Assert.Equal("page", Speaker());
    }

    private string? Speaker() => _relay.Events.OfType<SpeakerChanged>().LastOrDefault()?.EndpointId;

    private void Press(byte key, uint timestamp, int duration, bool isEnd)
    {
        _phone.SendAudio(101, timestamp, [key, (byte)(isEnd ? 0x8A : 0x0A), (byte)(duration >> 8), (byte)duration]);
        _relay.Run(20);
        _mixer.Tick(_relay.NowMs);
    }

    private void Connect(PayloadType phone, PayloadType[]? pageTakes = null, ForwarderSpec? phoneSlot = null, PayloadType? keys = null)
    {
        var mix = MixSlot(phone);
        var slot = Specs.AudioSlot("a0", SlotSsrc, "phone-audio");
        PayloadType[] sends = keys is null ? [phone] : [phone, keys];
        var state = _relay.Modify(
            new EndpointSpec("phone", [Specs.Transport(_phone)], [Specs.AudioTrack(_phone) with { Payloads = sends }], phoneSlot is null ? [mix] : [mix, phoneSlot]),
            new EndpointSpec("page", [Specs.Transport(_page)], [Specs.AudioTrack(_page)], [pageTakes is null ? slot : slot with { Payloads = pageTakes }]));
        foreach (var peer in new[] { _phone, _page }) peer.Connect(Rooms.StateOf(state, peer), VirtualRelay.Address, _relay.NowMs);
        _relay.Run(300);
        Assert.True(_phone.IsConnected && _page.IsConnected);
    }

    private static ForwarderSpec MixSlot(PayloadType codec) => Specs.AudioSlot("m", MixSsrc, null) with { Feed = ForwarderFeed.Mix, Payloads = [codec] };

    private void Tell(ForwarderSpec slot) => _relay.Modify(new EndpointSpec("phone", [Specs.Transport(_phone)], [Specs.AudioTrack(_phone) with { Payloads = slot.Payloads }], [slot]));

    private void Talk(string name, int number, double phoneHertz, double pageHertz, int frames, int from = 0, double phoneAmplitude = 0.3, double pageAmplitude = 0.3)
    {
        _phoneVoice ??= MixCodec.Named(Lower(name)).MakeEncoder();
        var payload = new byte[AudioFormat.MaxPayload];
        for (var frame = from; frame < from + frames; frame++)
        {
            var length = _phoneVoice.Encode(Tones.Make(phoneHertz, AudioFormat.FrameSamples, phoneAmplitude, from: frame * AudioFormat.FrameSamples), payload);
            _phone.SendAudio((byte)number, (uint)frame * 160, payload[..length]);
            length = _pageVoice.Encode(Tones.Make(pageHertz, AudioFormat.FrameSamples, pageAmplitude, from: frame * AudioFormat.FrameSamples), payload);
            _page.SendAudio(111, (uint)frame * 960, payload[..length]);
            _relay.Run(20);
            _mixer.Tick(_relay.NowMs);
        }

        _relay.Run(20);
    }

    private static PayloadType Telephony(string name, int number) => new(number, name, 8_000, 1, MediaKind.Audio, [], []);

    // The names of codecs are lower case inside the relay.
    private static string Lower(string name) => Codec.Of(new LegPayload(0, name, 8_000, [], []))!.Name;

    // After a second, by when gains and filters have settled.
    private static float[] Decode(MixCodec codec, IEnumerable<Outgoing> packets, int skip = 48_000)
    {
        using var decoder = codec.MakeDecoder();
        var (frame, heard) = (new float[AudioFormat.MaxPacketSamples], new List<float>());
        foreach (var packet in packets) heard.AddRange(frame.AsSpan(0, decoder.Decode(packet.Payload, frame)));
        return [.. heard.Skip(skip)];
    }
}
