namespace Parley.Doctor;

/// <summary>What can be wrong: words that scripts rely on. docs/doctor.md says what to do about each.</summary>
public static class Causes
{
    public const string NotRunning = "not-running";
    public const string NotRestarted = "not-restarted";
    public const string BrokeOff = "broke-off";
    public const string TimeLimit = "time-limit";
    public const string PluginOff = "plugin-off";
    public const string TurnOff = "turn-off";
    public const string AddressMissing = "dns-address-missing";
    public const string AddressDiffers = "dns-address-differs";
    public const string DnsUnanswered = "dns-unanswered";
    public const string SrvMissing = "srv-missing";
    public const string SrvWrong = "srv-wrong";
    public const string PortClosed = "port-closed";
    public const string TlsFailed = "tls-failed";
    public const string CertificateExpired = "certificate-expired";
    public const string CertificateNotYetValid = "certificate-not-yet-valid";
    public const string CertificateEndsSoon = "certificate-ends-soon";
    public const string CertificateName = "certificate-name";
    public const string CertificateUntrusted = "certificate-untrusted";
    public const string ClockOff = "clock-off";
    public const string HostMetaMissing = "host-meta-missing";
    public const string WebSocketFailed = "websocket-failed";
    public const string NoLogin = "no-login";
    public const string LoginFailed = "login-failed";
    public const string ExtDiscoOff = "extdisco-off";
    public const string NoTurnListed = "turn-not-listed";
    public const string ServiceUnresolved = "service-host-unresolved";
    public const string AdvertisedPrivate = "advertised-address-private";
    public const string AdvertisedWrong = "advertised-address-wrong";
    public const string NotSeenFromHere = "not-seen-from-here";
    public const string TurnPortBlocked = "turn-port-blocked";
    public const string TurnSecretWrong = "turn-secret-wrong";
    public const string TurnFailed = "turn-failed";
    public const string RelayRangeBlocked = "relay-range-blocked";
    public const string NoCallRooms = "no-call-rooms";
    public const string CallRefused = "call-refused";
    public const string MediaPortBlocked = "media-port-blocked";
    public const string MediaFailed = "media-failed";
}
