using Parley.Media.Core;
using Parley.Media.Core.Srtp;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Transports;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Conferences;

public sealed class AllocationTests
{
    /// <summary>Design section 5: zero bytes allocated per forwarded packet, with the ciphers of production.</summary>
    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm)]
    [InlineData(SrtpProfile.AesCm128HmacSha1Tag80)]
    public void Forwarding_allocates_nothing(SrtpProfile profile)
    {
        var relay = new VirtualRelay(new OpenSslSrtpCipherFactory(), profile);
        var peers = relay.Fill(5);
        var datagrams = new List<byte[]>();
        relay.Passes = (from, to, bytes) =>
        {
            if (to == VirtualRelay.Address && from == peers[0].Address) datagrams.Add(bytes.ToArray());
            return false;
        };
        for (var i = 0; i < 400; i++)
        {
            peers[0].SendFrame(isKeyframe: i % 100 == 0, packets: 4);
            peers[0].SendVoice(30);
        }

        var sink = new Sink();
        relay.Sink = sink;
        var (local, remote, nowMs) = (VirtualRelay.Address, peers[0].Address, relay.NowMs);
        // The first half warms up what is compiled and grown once.
        Feed(datagrams.Count / 2, 0);
        var sent = sink.Count;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Feed(datagrams.Count, datagrams.Count / 2);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal((datagrams.Count - datagrams.Count / 2) * 4, sink.Count - sent);
        Assert.Equal(0, allocated);

        void Feed(int to, int from)
        {
            for (var i = from; i < to; i++)
            {
                relay.Router.Receive(datagrams[i], local, remote, nowMs + i / 10, (nowMs + i / 10) * 1000);
                if (i % 10 == 9) relay.Router.EndBatch(nowMs + i / 10);
            }

            relay.Router.EndBatch(nowMs + to / 10);
        }
    }

    private sealed class Sink : IDatagramSender
    {
        private readonly byte[] _room = new byte[2048];

        public int Count { get; private set; }

        public Span<byte> Reserve(scoped in AddressKey local) => _room;

        public void Commit(int length, scoped in AddressKey local, scoped in AddressKey remote) => Count++;
    }
}
