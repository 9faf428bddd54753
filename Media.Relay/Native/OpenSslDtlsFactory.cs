using Parley.Media.Core.Dtls;

namespace Parley.Media.Relay.Native;

/// <summary>Makes DTLS 1.2 associations of OpenSSL that show one ECDSA P-256 certificate, made with the factory.</summary>
public sealed class OpenSslDtlsFactory : IDtlsEngineFactory, IDisposable
{
    /// <summary>Makes a factory with a certificate of its own.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no OpenSSL that will do; <see cref="OpenSsl.TryLoad"/> tells it beforehand.</exception>
    public OpenSslDtlsFactory() => Fingerprint = "";

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public IDtlsEngine Create() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
