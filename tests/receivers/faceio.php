<?php
// A receiver of FACEIO in PHP, for PHP's own web server. As the page describes, it compares the
// bearer token in `WWW-Authenticate` and reads the documented keys of the payload.
$token = getenv('TOKEN');
if (($_SERVER['HTTP_WWW_AUTHENTICATE'] ?? '') !== "Bearer $token") {
    http_response_code(401);
    exit;
}
$event = json_decode(file_get_contents('php://input'), true);
foreach (['eventName', 'facialId', 'appId', 'clientIp', 'details'] as $key) {
    if (!array_key_exists($key, $event)) {
        http_response_code(400);
        exit;
    }
}
file_put_contents(getenv('LOG'), "got {$event['facialId']} {$event['eventName']}\n", FILE_APPEND);
http_response_code(200);
