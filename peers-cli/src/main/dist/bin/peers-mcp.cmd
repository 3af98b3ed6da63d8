@echo off
setlocal
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
"%JAVA%" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx32m -Xlog:disable -Xlog:all=warning:stderr -cp "%~dp0..\lib\peers-relay.jar" dev.peers.mcp.relay.Relay %*
