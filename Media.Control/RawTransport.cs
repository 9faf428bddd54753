using System.Net;

namespace Parley.Media.Control;

/// <summary>
/// A transport of plain RTP (RFC 3551) on a pair of ports of its own, without ICE, DTLS and SRTP (XEP-0177). Whoever asks for one answers for the network in between: nothing is secret, and whoever can
/// write the peer's address into a datagram is the peer.
/// </summary>
/// <param name="Rtp">Where the peer takes RTP. Only datagrams from this address are heard, from whatever port: many tools send from another than they listen at.</param>
/// <param name="Rtcp">Where it takes RTCP, at the same address; null for where it takes RTP (RFC 5761).</param>
/// <param name="SendsUnheard">Whether to send before anything has come from the peer's address. Otherwise nobody is sent anything who did not send first.</param>
/// <param name="ConnectTimeout">How long the peer may take to begin; it means nothing where <paramref name="SendsUnheard"/>.</param>
/// <param name="SilenceTimeout">How long the endpoint may be silent on all such transports after it was heard, RTCP counting, before each ends; not while all that it sends is muted.</param>
/// <param name="KeyframeInterval">How often a keyframe is wanted for what the peer sees, until it asks for one by RTCP: most tools cannot. Zero: never.</param>
public sealed record RawTransport(IPEndPoint Rtp, IPEndPoint? Rtcp, bool SendsUnheard, TimeSpan ConnectTimeout, TimeSpan SilenceTimeout, TimeSpan KeyframeInterval);
